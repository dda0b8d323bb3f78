import { messageOf } from '../logger.js';
import type { Span } from '../span.js';
import { httpUrl } from './get-text.js';
import { type LateSampler, type SamplingDecision, toLateSampler } from './late-sampler.js';
import type { PerOperationSamplerOptions } from './per-operation-sampler.js';
import { Poller } from './poller.js';
import { RateLimitingSampler } from './rate-limiting-sampler.js';
import type { Sampler, SamplerContext } from './sampler.js';
import { followStrategy } from './strategy.js';

/** New traces a second that are kept until a server has answered: a newcomer sees them, a busy server is not flooded. */
const initialTracesPerSecond = 100;

/** Options of {@link RemoteSampler}. */
export interface RemoteSamplerOptions
  extends Pick<PerOperationSamplerOptions, 'maxOperations' | 'operationNameLateBinding'> {
  /** Where strategies are served; `service` is added to it. @default 'http://localhost:5778/sampling' */
  url?: string | URL | undefined;
  /** How often the server is asked, in milliseconds; a tenth more or less, by chance. 0 never asks. @default 60_000 */
  refreshIntervalMs?: number | undefined;
  /** How long the server has to answer, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
  /** Decides until a server has answered. @default up to 100 new traces a second */
  initialSampler?: Sampler | LateSampler | undefined;
  /** True where no server need be there: that none answers is not logged then. @default false when `url` is given */
  isOptional?: boolean | undefined;
  /** Called after each answer that was understood, changed or not, with the sampler that decides now. */
  onUpdate?: ((sampler: Sampler | LateSampler) => void) | undefined;
  /**
   * Makes a sampler of a strategy that no Jaeger server serves; undefined where the strategy is one of Jaeger's. What it
   * throws counts as a strategy that was not understood.
   */
  createSampler?: ((strategy: unknown) => Sampler | LateSampler | undefined) | undefined;
}

/**
 * Asks a Jaeger agent or collector which traces to keep: a tenth of a second after the start, and at intervals.
 * Follows all strategies that Jaeger serves, adaptive ones included. What was understood last holds until something else
 * is, whatever happens to the server.
 *
 * Holds neither the start nor the end of the process up.
 */
export class RemoteSampler implements LateSampler {
  readonly #url: URL;
  readonly #options: RemoteSamplerOptions;
  readonly #poller: Poller;
  #sampler: Sampler | LateSampler;
  #lateSampler: LateSampler;
  #context: SamplerContext | undefined = undefined;
  #shallAnswer: boolean;
  #isKnownDead = false;

  /** @throws SpoorError `SPOOR_CONFIG` when `url` is no `http:` or `https:` URL */
  constructor(options: RemoteSamplerOptions = {}) {
    this.#options = options;
    this.#url = httpUrl('RemoteSampler', options.url, 'http://localhost:5778/sampling');
    this.#poller = new Poller(() => this.#update(), {
      intervalMs: options.refreshIntervalMs ?? 60_000,
      timeoutMs: options.timeoutMs,
    });
    this.#shallAnswer = !(options.isOptional ?? options.url === undefined);
    this.#sampler = options.initialSampler ?? new RateLimitingSampler(initialTracesPerSecond);
    this.#lateSampler = toLateSampler(this.#sampler);
  }

  /** The sampler that decides now. */
  get sampler(): Sampler | LateSampler {
    return this.#sampler;
  }

  onCreateSpan(span: Span): SamplingDecision {
    return this.#lateSampler.onCreateSpan(span);
  }

  onSetOperationName(span: Span, operationName: string): SamplingDecision {
    return this.#lateSampler.onSetOperationName(span, operationName);
  }

  onSetTag(span: Span, key: string, value: unknown): SamplingDecision {
    return this.#lateSampler.onSetTag(span, key, value);
  }

  onFinishSpan(span: Span): SamplingDecision {
    return this.#lateSampler.onFinishSpan?.(span) ?? { sample: false, retryable: true };
  }

  start(context: SamplerContext): void {
    this.#context = context;
    this.#url.searchParams.set('service', context.process.serviceName);
    this.#sampler.start?.(context);
    this.#poller.start();
  }

  /** Asks the server now. Resolves when it has answered or failed; never rejects. */
  async refresh(): Promise<void> {
    if (this.#context !== undefined) await this.#poller.ask();
  }

  close(): void {
    this.#poller.stop();
    this.#sampler.close?.();
  }

  toString(): string {
    return `RemoteSampler(serviceName=${this.#context?.process.serviceName})`;
  }

  /** Without a password, or a token behind the question mark. */
  get #shownUrl(): string {
    return this.#url.origin + this.#url.pathname;
  }

  async #update(): Promise<void> {
    const { metrics, faults } = this.#context!;
    let text: string;
    try {
      text = await this.#poller.get(this.#url);
    } catch (error) {
      if (this.#poller.isStopped) return;
      metrics.samplerQueried('err');
      this.#reportSilence(error);
      return;
    }
    metrics.samplerQueried('ok');
    this.#shallAnswer = true;
    this.#isKnownDead = false;
    try {
      this.#follow(JSON.parse(text));
    } catch (error) {
      metrics.samplerUpdated('err');
      faults.report(
        'sampling-strategy',
        `the answer of the sampling server at ${this.#shownUrl} was not understood (${messageOf(error)}); ${this.#sampler} goes on. Is it a Jaeger server?`,
      );
      return;
    }
    try {
      this.#options.onUpdate?.(this.#sampler);
    } catch (error) {
      faults.report('sampler-update', `onUpdate threw: ${messageOf(error)}.`);
    }
  }

  #follow(strategy: unknown): void {
    const own = this.#options.createSampler?.(strategy);
    const { sampler, isChanged } =
      own === undefined
        ? followStrategy(strategy, this.#sampler, this.#options)
        : { sampler: own, isChanged: own !== this.#sampler };
    if (!isChanged) return;
    if (sampler !== this.#sampler) {
      this.#sampler.close?.();
      this.#sampler = sampler;
      this.#lateSampler = toLateSampler(sampler);
      sampler.start?.(this.#context!);
    }
    this.#context?.metrics.samplerUpdated('ok');
  }

  #reportSilence(error: unknown): void {
    // Once per outage, and not where nobody has asked for a server: most have none.
    if (!this.#shallAnswer || this.#isKnownDead) return;
    this.#isKnownDead = true;
    this.#context?.faults.report(
      'sampling-server',
      `the sampling server at ${this.#shownUrl} does not answer (${messageOf(error)}); ${this.#sampler} goes on until it does. Set JAEGER_SAMPLING_ENDPOINT if it is elsewhere.`,
    );
  }
}
