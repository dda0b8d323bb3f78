import { CLIENT_UUID_TAG } from '../constants.js';
import { messageOf } from '../logger.js';
import { Poller } from './poller.js';
import type { SamplerContext } from './sampler.js';
import type { Throttler } from './throttler.js';

/** Operations that can have credits; the names come from requests. */
const maxOperations = 2000;

/** Options of {@link RemoteThrottler}. */
export interface RemoteThrottlerOptions {
  /** @default 'localhost' */
  host?: string | undefined;
  /** @default 5778 */
  port?: number | undefined;
  /** How often credits are asked for, in milliseconds; a tenth more or less, by chance. 0 never asks. @default 5000 */
  refreshIntervalMs?: number | undefined;
  /** How long after the start they are asked for first, in milliseconds. @default 5000 */
  initialDelayMs?: number | undefined;
  /** Called when credits have come. */
  onCreditsUpdate?: ((throttler: RemoteThrottler) => void) | undefined;
}

/**
 * Allows as many forced traces of an operation as a server has given credits for, one each. An operation has none when it
 * is seen first. No current Jaeger server gives credits: with those everything is refused.
 *
 * @see jaeger-client-go, internal/throttler/remote
 */
export class RemoteThrottler implements Throttler {
  readonly #options: RemoteThrottlerOptions;
  readonly #credits = new Map<string, number>();
  readonly #poller: Poller;
  #context: SamplerContext | undefined = undefined;

  constructor(options: RemoteThrottlerOptions = {}) {
    this.#options = options;
    this.#poller = new Poller(() => this.#refresh(), {
      intervalMs: options.refreshIntervalMs ?? 5000,
      firstAfterMs: options.initialDelayMs ?? 5000,
    });
  }

  isAllowed(operationName: string): boolean {
    const credits = this.#credits.get(operationName);
    if (credits === undefined) {
      if (this.#credits.size < maxOperations) this.#credits.set(operationName, 0);
      return false;
    }
    if (credits < 1) return false;
    this.#credits.set(operationName, credits - 1);
    return true;
  }

  start(context: SamplerContext): void {
    this.#context = context;
    this.#poller.start();
  }

  close(): void {
    this.#poller.stop();
  }

  async #refresh(): Promise<void> {
    if (this.#credits.size === 0) return;
    const { metrics, faults } = this.#context!;
    try {
      this.#add(JSON.parse(await this.#poller.get(this.#url())));
      metrics.throttlerUpdated('ok');
      this.#options.onCreditsUpdate?.(this);
    } catch (error) {
      if (this.#poller.isStopped) return;
      metrics.throttlerUpdated('err');
      faults.report(
        'throttler',
        `no credits for debug traces: ${messageOf(error)}. Leave the option throttler out, if no server gives credits.`,
      );
    }
  }

  #url(): URL {
    const { host = 'localhost', port = 5778 } = this.#options;
    const { serviceName, tags } = this.#context!.process;
    const url = new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}/credits`);
    url.searchParams.set('service', serviceName);
    url.searchParams.set('uuid', String(tags[tags.indexOf(CLIENT_UUID_TAG) + 1]));
    for (const operation of this.#credits.keys()) url.searchParams.append('operations', operation);
    return url;
  }

  #add({ balances }: { balances: readonly { operation: string; balance: number }[] }): void {
    for (const { operation, balance } of balances) {
      const credits = this.#credits.get(operation);
      if (credits !== undefined && Number.isFinite(balance)) {
        this.#credits.set(operation, credits + balance);
      }
    }
  }
}
