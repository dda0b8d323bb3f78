import { isMainThread } from 'node:worker_threads';
import { globalTracer, initTracer, SpoorError, type Tracer } from '@spoor/core';
import { resolveSettings, type Settings } from '@spoor/core/internal';
import { flushOnSignals } from './flush-on-signals.js';
import { installEnabled } from './install-enabled.js';
import { printLibraries } from './print-libraries.js';
import { applicationName } from './service-name.js';

/** Starts everything, and throws nothing: whoever preloads a tracer has an application to run. */
export function start(env: NodeJS.ProcessEnv): Tracer | undefined {
  try {
    const { settings } = resolveSettings(undefined, env);
    if (settings.disable) return undefined;
    const serviceName = settings.serviceName ?? applicationName();
    // An application that has a tracer by now keeps it.
    const tracer = globalTracer() ?? initTracer({ serviceName });
    const names = installEnabled(env.SPOOR_DISABLED_INSTRUMENTATIONS);
    if (isMainThread) {
      flushOnSignals();
      if (!isOn(env.SPOOR_QUIET)) {
        const backend = describeBackend(settings);
        print(
          `tracing "${serviceName}" to ${backend}: ${names.join(', ')}. SPOOR_QUIET=1 hides this line.`,
        );
      }
      // Threads that libraries start for themselves, such as pino's, have nothing to show.
      if (isOn(env.SPOOR_DEBUG)) printLibraries();
    }
    return tracer;
  } catch (error) {
    if (!(error instanceof SpoorError)) throw error;
    print(`nothing is traced. ${error.message}`);
    return undefined;
  }
}

function describeBackend({ collectorEndpoint, agentHost, agentPort }: Settings): string {
  if (collectorEndpoint === undefined) return `the Jaeger agent at ${agentHost}:${agentPort} (UDP)`;
  const { origin, pathname } = new URL(collectorEndpoint);
  return `the Jaeger collector at ${origin}${pathname}`;
}

function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** Where nothing that the program itself prints is mixed with it. */
function print(line: string): void {
  process.stderr.write(`spoor: ${line}\n`);
}
