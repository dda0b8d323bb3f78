import { withoutSpan } from '../active-span.js';
import { maxBaggageValueChars, normalizeBaggageKey } from '../baggage.js';
import { SpoorError } from '../errors.js';
import { messageOf } from '../logger.js';
import { getText } from '../sampling/get-text.js';
import type { SamplerContext } from '../sampling/sampler.js';
import type { BaggageRestriction, BaggageRestrictions } from './baggage-restrictions.js';

const allowed: BaggageRestriction = { keyAllowed: true, maxValueLength: maxBaggageValueChars };
const refused: BaggageRestriction = { keyAllowed: false, maxValueLength: 0 };

/** Share of the interval by which it varies, so that not all processes ask at the same moment. */
const jitter = 0.1;

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
 * Asks a server which baggage the service may set: at once, when the application has started, and at intervals. Keys that it
 * does not list are refused. What it said last holds until it says something else. No current Jaeger server says anything.
 *
 * Holds neither the start nor the end of the process up.
 *
 * @see jaeger-client-go, internal/baggage/remote
 */
export class RemoteBaggageRestrictions implements BaggageRestrictions {
  readonly #url: URL;
  readonly #refreshIntervalMs: number;
  readonly #timeoutMs: number;
  readonly #unlistedAtFirst: BaggageRestriction;
  readonly #closing = new AbortController();
  /** By normalised key; undefined until a server has answered. */
  #restrictions: ReadonlyMap<string, BaggageRestriction> | undefined = undefined;
  #context: SamplerContext | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** @throws SpoorError `SPOOR_CONFIG` when `url` is no `http:` or `https:` URL */
  constructor({
    url = 'http://localhost:5778/baggageRestrictions',
    refreshIntervalMs = 60_000,
    timeoutMs = 5000,
    denyBaggageOnInitializationFailure = false,
  }: RemoteBaggageRestrictionsOptions = {}) {
    this.#url = httpUrl(url);
    this.#refreshIntervalMs = refreshIntervalMs;
    this.#timeoutMs = timeoutMs;
    this.#unlistedAtFirst = denyBaggageOnInitializationFailure ? refused : allowed;
  }

  getRestriction(_serviceName: string, key: string): BaggageRestriction {
    if (this.#restrictions === undefined) return this.#unlistedAtFirst;
    return this.#restrictions.get(key) ?? refused;
  }

  start(context: SamplerContext): void {
    this.#context = context;
    this.#url.searchParams.set('service', context.process.serviceName);
    if (this.#refreshIntervalMs === 0) return;
    // After the application's own start, which shall not wait for it. No immediate: one that is unref'd waits until
    // something else wakes the loop.
    this.#timer = withoutSpan(() => setTimeout(() => void this.#refreshAgain(), 0)).unref();
  }

  /** Asks the server now. Resolves when it has answered or failed; never rejects. */
  async refresh(): Promise<void> {
    const { signal } = this.#closing;
    if (this.#context === undefined || signal.aborted) return;
    const { metrics, faults } = this.#context;
    try {
      const text = await getText(this.#url, { timeoutMs: this.#timeoutMs, signal });
      this.#restrictions = toRestrictions(JSON.parse(text));
      metrics.baggageRestrictionsUpdated('ok');
    } catch (error) {
      if (signal.aborted) return;
      metrics.baggageRestrictionsUpdated('err');
      faults.report(
        'baggage-restrictions',
        `no baggage restrictions from ${this.#url.origin}${this.#url.pathname}: ${messageOf(error)}; ${this.#whatHolds()}. Leave the option baggageRestrictions out, if no server has any.`,
      );
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  async #refreshAgain(): Promise<void> {
    await this.refresh();
    if (this.#closing.signal.aborted) return;
    const factor = 1 + jitter * (2 * Math.random() - 1);
    this.#timer = setTimeout(() => void this.#refreshAgain(), this.#refreshIntervalMs * factor);
    this.#timer.unref();
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

function httpUrl(url: string | URL): URL {
  if (URL.canParse(String(url))) {
    // A copy: the service is added to it.
    const parsed = new URL(url);
    if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed;
  }
  throw new SpoorError(
    'SPOOR_CONFIG',
    `RemoteBaggageRestrictions: expected an http URL, got ${JSON.stringify(String(url))}. Write http://localhost:5778/baggageRestrictions.`,
  );
}
