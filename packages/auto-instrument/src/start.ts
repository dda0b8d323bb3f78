import { globalTracer, initTracer, SpoorError, type Tracer } from '@spoor/core';
import {
  consoleLogger,
  isOtlp,
  offerOtlp,
  readConfig,
  resolveSettings,
  type Settings,
} from '@spoor/core/internal';
import { flushOnSignals } from './flush-on-signals.js';
import { installEnabled } from './install-enabled.js';
import { printLibraries } from './print-libraries.js';
import { applicationName, isPackageManager, programOf } from './service-name.js';

/** Starts everything, and throws nothing: whoever preloads a tracer has an application to run. */
export function start(env: NodeJS.ProcessEnv): Tracer | undefined {
  if (isPackageManager()) return undefined;
  try {
    const { settings } = resolveSettings(readConfig(undefined), env);
    if (settings.disable) return undefined;
    const serviceName = settings.serviceName ?? applicationName(programOf(process));
    offerOtlp(() => require('@spoor/otlp'));
    // An application that has a tracer by now keeps it.
    const tracer =
      globalTracer() ?? initTracer(settings.serviceName === undefined ? { serviceName } : {});
    const names = installEnabled(env.SPOOR_DISABLED_INSTRUMENTATIONS);
    if (!isWorker()) {
      flushOnSignals();
      if (!isOn(env.SPOOR_QUIET)) {
        const backend = describeBackend(settings);
        print(
          `tracing "${serviceName}" to ${backend}: ${names.join(', ')}. SPOOR_QUIET=1 hides this line.`,
        );
      }
      // Threads that libraries start for themselves, such as pino's, have nothing to show.
      if (isOn(env.SPOOR_DEBUG)) {
        printLibraries();
        printSettings(tracer);
      }
    }
    return tracer;
  } catch (error) {
    if (!(error instanceof SpoorError)) throw error;
    print(`nothing is traced. ${error.message}`);
    return undefined;
  }
}

/** What is set, and where; the defaults are in the documentation. */
function printSettings(tracer: Tracer): void {
  const { settings } = tracer.describe();
  for (const [path, { value, from }] of Object.entries(settings)) {
    if (from !== 'default') print(`${path} is ${JSON.stringify(value)} (${from})`);
  }
}

function describeBackend(settings: Settings): string {
  const { collectorEndpoint, agentHost, agentPort } = settings;
  if (collectorEndpoint === undefined) return `the Jaeger agent at ${agentHost}:${agentPort} (UDP)`;
  const { origin, pathname } = new URL(collectorEndpoint);
  return `the ${isOtlp(settings) ? 'OTLP' : 'Jaeger'} collector at ${origin}${pathname}`;
}

/** Not from `node:worker_threads`, which takes 2 ms to load: what a worker may not call, Node marks so. */
function isWorker(): boolean {
  return (process.chdir as { disabled?: boolean }).disabled === true;
}

function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** To stderr, where nothing that the program itself prints is mixed with it; where nobody reads that, the console does not throw. */
function print(line: string): void {
  consoleLogger.error(`spoor: ${line}`);
}
