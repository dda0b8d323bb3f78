import { toTimeMs } from './clock.js';
import { SAMPLING_PRIORITY_TAG } from './constants.js';
import type { Observer, SpanObserver } from './observer.js';
import { Span } from './span.js';
import type { Tags } from './tags.js';
import type { StartSpanOptions } from './tracer-options.js';

/** Shared by all spans that nobody watches. */
const none: readonly SpanObserver[] = [];

/** A span of a tracer that has observers. */
export class ObservedSpan extends Span {
  /** Until it has started, and once it has finished, there are none. */
  #observers: readonly SpanObserver[] = none;
  /** Whether one of them wants the tags. */
  #isDescribed = false;
  /** Of the start, so that no step of the wall clock is in the difference. */
  #wallOffsetMs = 0;

  /** For {@link Tracer} alone: the span has started. */
  observe(
    observers: readonly Observer[],
    operationName: string,
    options: StartSpanOptions | undefined,
  ): void {
    const { clock } = this.tracer();
    const startTime = toTimeMs(options?.startTime) ?? clock.wallMs();
    const watching: SpanObserver[] = [];
    this.#wallOffsetMs = clock.wallOffsetMs;
    for (const observer of observers) {
      try {
        const started = observer.onStartSpan(this, operationName, { ...options, startTime });
        if (started === undefined || started === null) continue;
        watching.push(started);
        this.#isDescribed ||= started.onSetTag !== undefined;
      } catch (error) {
        this.tracer().reportObserver(error);
      }
    }
    if (watching.length > 0) this.#observers = watching;
  }

  /** True also while somebody is told of tags that are not kept. */
  override isWritable(): boolean {
    return this.#isDescribed || super.isWritable();
  }

  override setOperationName(name: string): this {
    super.setOperationName(name);
    this.#tell(this.#observers, (observer) => observer.onSetOperationName?.(name));
    return this;
  }

  override setTag(key: string, value: unknown): this {
    super.setTag(key, value);
    this.#tell(this.#observers, (observer) => observer.onSetTag?.(key, value));
    return this;
  }

  /** One by one, as each is told of. */
  override addTags(tags: Tags): this {
    if (typeof tags !== 'object' || tags === null) return this;
    try {
      const keys = Object.keys(tags);
      const forcing = keys.filter((key) => key === SAMPLING_PRIORITY_TAG);
      const others = keys.filter((key) => key !== SAMPLING_PRIORITY_TAG);
      for (const key of [...forcing, ...others]) this.setTag(key, tags[key]);
    } catch {
      // A getter or a proxy of the user threw. The tags before it are kept.
    }
    return this;
  }

  override log(fields: Tags, timestampMs?: number | Date): this {
    const isKept = super.isWritable() || !this.isWritable();
    return isKept ? super.log(fields, timestampMs) : this;
  }

  override finish(finishTimeMs?: number | Date): void {
    const observers = this.#observers;
    if (observers !== none) {
      // First, for observers that finish the span themselves.
      this.#observers = none;
      this.#isDescribed = false;
      const { clock } = this.tracer();
      const endMs = toTimeMs(finishTimeMs) ?? clock.monotonicMs() + this.#wallOffsetMs;
      this.#tell(observers, (observer) => observer.onFinish?.(endMs));
    }
    super.finish(finishTimeMs);
  }

  #tell(observers: readonly SpanObserver[], event: (observer: SpanObserver) => void): void {
    for (const observer of observers) {
      try {
        event(observer);
      } catch (error) {
        this.tracer().reportObserver(error);
      }
    }
  }
}
