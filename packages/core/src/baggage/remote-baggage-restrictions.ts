import { maxBaggageValueChars, normalizeBaggageKey } from '../baggage.js';
import { messageOf } from '../logger.js';
import { httpUrl } from '../sampling/get-text.js';
import { Poller } from '../sampling/poller.js';
import type { SamplerContext } from '../sampling/sampler.js';
import type { BaggageRestriction, BaggageRestrictions } from './baggage-restrictions.js';

const allowed: BaggageRestriction = { keyAllowed: true, maxValueLength: maxBaggageValueChars };
const refused: BaggageRestriction = { keyAllowed: false, maxValueLength: 0 };

/** Options of {@link RemoteBaggageRestrictions}. */
export interface RemoteBaggageRestrictionsOptions {
  /** Where restrictions are served; `service` is added to it. @default 'http://localhost:5778/baggageRestrictions' */
  url?: string | URL | undefined;
  /** How often the server is asked, in milliseconds; a tenth more or less, by chance. 0 never asks. @default 60_000 */
  refreshIntervalMs?: number | undefined;
  /** How long the server has to answer, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
  /** True refuses every item until a server has answered; false allows every item until then. @default false */
  denyBaggageOnInitializationFailure?: boolean | undefined;
}

/**
 * Asks a server which baggage the service may set: a tenth of a second after the start, and at intervals. Keys that it does
 * not list are refused. What it said last holds until it says something else. No current Jaeger server says anything.
 *
 * Holds neither the start nor the end of the process up.
 *
 * @see jaeger-client-go, internal/baggage/remote
 */
export class RemoteBaggageRestrictions implements BaggageRestrictions {
  readonly #url: URL;
  readonly #unlistedAtFirst: BaggageRestriction;
  readonly #poller: Poller;
  /** By normalised key; undefined until a server has answered. */
  #restrictions: ReadonlyMap<string, BaggageRestriction> | undefined = undefined;
  #context: SamplerContext | undefined = undefined;

  /** @throws SpoorError `SPOOR_CONFIG` when `url` is no `http:` or `https:` URL */
  constructor({
    url,
    refreshIntervalMs = 60_000,
    timeoutMs,
    denyBaggageOnInitializationFailure = false,
  }: RemoteBaggageRestrictionsOptions = {}) {
    const defaultUrl = 'http://localhost:5778/baggageRestrictions';
    this.#url = httpUrl('RemoteBaggageRestrictions', url, defaultUrl);
    this.#poller = new Poller(() => this.#update(), { intervalMs: refreshIntervalMs, timeoutMs });
    this.#unlistedAtFirst = denyBaggageOnInitializationFailure ? refused : allowed;
  }

  getRestriction(_serviceName: string, key: string): BaggageRestriction {
    if (this.#restrictions === undefined) return this.#unlistedAtFirst;
    return this.#restrictions.get(key) ?? refused;
  }

  start(context: SamplerContext): void {
    this.#context = context;
    this.#url.searchParams.set('service', context.process.serviceName);
    this.#poller.start();
  }

  /** Asks the server now. Resolves when it has answered or failed; never rejects. */
  async refresh(): Promise<void> {
    if (this.#context !== undefined) await this.#poller.ask();
  }

  close(): void {
    this.#poller.stop();
  }

  async #update(): Promise<void> {
    const { metrics, faults } = this.#context!;
    try {
      this.#restrictions = toRestrictions(JSON.parse(await this.#poller.get(this.#url)));
      metrics.baggageRestrictionsUpdated('ok');
    } catch (error) {
      if (this.#poller.isStopped) return;
      metrics.baggageRestrictionsUpdated('err');
      faults.report(
        'baggage-restrictions',
        `no baggage restrictions from ${this.#url.origin}${this.#url.pathname}: ${messageOf(error)}; ${this.#whatHolds()}. Leave the option baggageRestrictions out, if no server has any.`,
      );
    }
  }

  #whatHolds(): string {
    if (this.#restrictions !== undefined) return 'those that came last hold on';
    return this.#unlistedAtFirst.keyAllowed
      ? 'every item is allowed until there are some'
      : 'every item is refused until there are some';
  }
}

/** @throws Error when the answer is no list of restrictions */
function toRestrictions(answer: unknown): ReadonlyMap<string, BaggageRestriction> {
  if (!Array.isArray(answer)) throw new Error('the answer is no list');
  const restrictions = new Map<string, BaggageRestriction>();
  for (const entry of answer) {
    const { baggageKey: key, maxValueLength } = entry ?? {};
    if (typeof key !== 'string' || !Number.isInteger(maxValueLength) || maxValueLength < 0) {
      throw new Error(`${JSON.stringify(entry)} is no restriction`);
    }
    restrictions.set(normalizeBaggageKey(key), { keyAllowed: true, maxValueLength });
  }
  return restrictions;
}
