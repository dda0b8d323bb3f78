import {
  PrioritySampler as CorePrioritySampler,
  RemoteSampler as CoreRemoteSampler,
  TagEqualsSampler as CoreTagEqualsSampler,
  type LateSampler,
  type SamplerContext,
  SpoorError,
  type TagEqualsStrategy,
  type TagMatcher,
} from '@spoor/core';
import { type AnySampler, decisionOf, standsFor, toCoreSampler } from './adapt-sampler.js';
import { NamedSampler } from './named-sampler.js';
import { ProbabilisticSampler } from './samplers.js';
import type { Span } from './span.js';
import type { Logger, MetricsFactory, Sampler, SamplingDecision } from './types.js';

/** What the samplers that may decide late have in common. */
abstract class LateSamplerOfCore extends NamedSampler implements Sampler {
  readonly #core: LateSampler;

  constructor(core: LateSampler) {
    super();
    this.#core = core;
  }

  onCreateSpan(span: Span): SamplingDecision {
    return decisionOf(this.#core.onCreateSpan(span));
  }

  onSetOperationName(span: Span, operationName: string): SamplingDecision {
    return decisionOf(this.#core.onSetOperationName(span, operationName));
  }

  onSetTag(span: Span, key: string, value: unknown): SamplingDecision {
    return decisionOf(this.#core.onSetTag(span, key, value));
  }

  close(callback?: () => void): void {
    this.#core.close?.();
    callback?.();
  }

  override toString(): string {
    return this.name();
  }
}

/** Asks several samplers in their order and takes the first yes. */
export class PrioritySampler extends LateSamplerOfCore {
  constructor(samplers: readonly AnySampler[]) {
    const core = new CorePrioritySampler(samplers.map(toCoreSampler));
    super(core);
    standsFor(this, PrioritySampler, core);
  }

  name(): string {
    return 'PrioritySampler';
  }
}

/** Keeps a trace as soon as one of its spans in this process gets a tag with one of the given values. */
export class TagEqualsSampler extends LateSamplerOfCore {
  /** @throws SpoorError `SPOOR_CONFIG` when `matchers` is no list */
  constructor(tagKey: string, matchers: readonly TagMatcher[]) {
    const core = new CoreTagEqualsSampler(tagKey, matchers);
    super(core);
    standsFor(this, TagEqualsSampler, core);
  }

  /** `{ key: 'user', values: { test: { firehose: true } } }` */
  static fromStrategy({ key, values }: TagEqualsStrategy): TagEqualsSampler {
    const matchers = Object.entries(values ?? {}).map(([tagValue, options]) => ({
      tagValue,
      firehose: options?.firehose === true,
    }));
    return new TagEqualsSampler(key, matchers);
  }

  name(): string {
    return 'TagEqualsSampler';
  }
}

/** The second argument of {@link RemoteSampler}. */
export interface RemoteSamplerOptions {
  /** Decides until a server has answered. @default 1 trace in 1000 */
  sampler?: AnySampler | undefined;
  /** `host`, `host:port` or a URL; wins over `host` and `port`. */
  hostPort?: string | undefined;
  /** @default 'localhost' */
  host?: string | undefined;
  /** @default 5778 */
  port?: number | undefined;
  /** @default '/sampling' */
  samplingPath?: string | undefined;
  /** How often the server is asked, in milliseconds; 0 never asks. @default 60000 */
  refreshInterval?: number | undefined;
  /** Operations that can have a rate of their own. @default 2000 */
  maxOperations?: number | undefined;
  /** Called after each answer that was understood. */
  onSamplerUpdate?: ((sampler: unknown) => void) | undefined;
  /** The tracer's are used. */
  logger?: Logger | undefined;
  /** The tracer's are used. */
  metrics?: MetricsFactory | undefined;
}

/** Asks a Jaeger agent or collector which traces to keep, from the moment on that a tracer has the sampler. */
export class RemoteSampler extends LateSamplerOfCore {
  readonly #serviceName: string;

  /** @throws SpoorError `SPOOR_CONFIG` when the server's address cannot be one */
  constructor(serviceName: string, options: RemoteSamplerOptions = {}) {
    const core = new NamedRemoteSampler(serviceName, options);
    super(core);
    this.#serviceName = serviceName;
    standsFor(this, RemoteSampler, core);
  }

  name(): string {
    return 'RemoteSampler';
  }

  override toString(): string {
    return `${this.name()}(serviceName=${this.#serviceName})`;
  }
}

/** Asks for the strategy of a service that need not be the tracer's. */
class NamedRemoteSampler extends CoreRemoteSampler {
  readonly #serviceName: string;

  constructor(serviceName: string, options: RemoteSamplerOptions) {
    super({
      url: urlOf(options),
      isOptional: options.hostPort === undefined && options.host === undefined,
      refreshIntervalMs: options.refreshInterval,
      maxOperations: options.maxOperations,
      initialSampler: toCoreSampler(options.sampler ?? new ProbabilisticSampler(0.001)),
      onUpdate: options.onSamplerUpdate,
    });
    this.#serviceName = serviceName;
  }

  override start(context: SamplerContext): void {
    const process = { ...context.process, serviceName: this.#serviceName };
    super.start({ ...context, process });
  }
}

function urlOf({ hostPort, host, port, samplingPath }: RemoteSamplerOptions): string {
  const address = hostPort ?? `${host ?? 'localhost'}:${port ?? 5778}`;
  const text = /^https?:/.test(address) ? address : `http://${address}`;
  if (!URL.canParse(text)) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `sampler.hostPort: expected a host and a port, got ${JSON.stringify(address)}. Write localhost:5778.`,
    );
  }
  const url = new URL(text);
  const isPlainHost = !/:\d+(\/|$)/.test(text.replace(/^https?:/, ''));
  if (isPlainHost) url.port = String(port ?? 5778);
  if (samplingPath !== undefined || url.pathname === '/') {
    url.pathname = samplingPath ?? '/sampling';
  }
  return url.href;
}
