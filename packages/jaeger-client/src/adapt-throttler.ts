import type { Throttler as CoreThrottler, SamplerContext } from '@spoor/core';
import { toTags } from './span.js';
import type { Throttler } from './types.js';

/** A throttler as `jaeger-client` has it; without one everything is allowed. */
export function toCoreThrottler(throttler: Throttler | CoreThrottler | undefined): CoreThrottler {
  if (throttler === undefined) return { isAllowed: () => true };
  return 'start' in throttler ? throttler : new ForeignThrottler(throttler as Throttler);
}

class ForeignThrottler implements CoreThrottler {
  readonly #throttler: Throttler;

  constructor(throttler: Throttler) {
    this.#throttler = throttler;
  }

  isAllowed(operationName: string): boolean {
    return this.#throttler.isAllowed(operationName);
  }

  start({ process }: SamplerContext): void {
    const tags = toTags(process.tags);
    const uuid = String(tags.find(({ key }) => key === 'client-uuid')?.value);
    this.#throttler.setProcess?.({ serviceName: process.serviceName, tags, uuid });
  }

  close(): void {
    this.#throttler.close?.(() => {});
  }
}
