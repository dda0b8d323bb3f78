import { consoleLogger, FaultLog, messageOf } from '@spoor/core/internal';

const faults = new FaultLog(consoleLogger);

/** Logs what went wrong inside an instrumentation, at most once a minute for each name, instead of letting the application have it. */
export function reportFault(name: string, error: unknown): void {
  faults.report(
    `instrumentation-${name}`,
    `the ${name} instrumentation failed: ${messageOf(error)}. The request goes on without its span.`,
  );
}

/** As {@link reportFault}, of a library that could not be patched. */
export function reportUnpatched(name: string, error: unknown): void {
  faults.report(
    `unpatched-${name}`,
    `the ${name} instrumentation failed: ${messageOf(error)}. The library is left as it is, and not traced.`,
  );
}
