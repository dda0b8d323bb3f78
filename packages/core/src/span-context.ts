import { FLAG_DEBUG, FLAG_SAMPLED, WIRE_FLAGS } from './constants.js';
import * as opentracing from './opentracing.js';
import { hex64, hex128 } from './propagation/hex.js';
import type { SamplingState } from './sampling/sampling-state.js';

/** Baggage items by normalised key. Never changed in place: spans share it with their children. */
export type Baggage = Readonly<Record<string, string>>;

/**
 * Ids as 32-bit words, most significant first, each a signed integer; what a {@link Span} and a
 * {@link SpanContext} have in common, and all that a child needs of its parent.
 */
export interface Ids {
  readonly traceId0: number;
  readonly traceId1: number;
  readonly traceId2: number;
  readonly traceId3: number;
  readonly spanId0: number;
  readonly spanId1: number;
  readonly parentId0: number;
  readonly parentId1: number;
  readonly flags: number;
}

/** What came in W3C headers and means nothing here, but goes on with the trace. Immutable, so spans share it with their children. */
export interface W3cHeaders {
  /** `tracestate`, without our own member. */
  readonly traceState: string | undefined;
  /** Members of `baggage` that an item does not say the whole of, by the key of the item. */
  readonly baggageMembers: Readonly<Record<string, W3cBaggageMember>> | undefined;
}

/** `text` is what came; it is passed on for as long as the item has this value. */
export interface W3cBaggageMember {
  readonly text: string;
  readonly value: string;
}

/** What a new span takes from the one that it is started under. */
export interface Parent extends Ids {
  readonly isValid: boolean;
  readonly baggage: Baggage | undefined;
  readonly w3c: W3cHeaders | undefined;
  /** What is decided about the trace in this process; undefined when it was decided elsewhere. */
  readonly samplingState: SamplingState | undefined;
}

/**
 * What of a span travels to other processes: ids, flags and baggage. Immutable, but that the flags follow what is decided
 * about the trace in this process.
 */
export class SpanContext extends opentracing.SpanContext implements Parent {
  readonly traceId0: number;
  readonly traceId1: number;
  readonly traceId2: number;
  readonly traceId3: number;
  readonly spanId0: number;
  readonly spanId1: number;
  readonly parentId0: number;
  readonly parentId1: number;
  readonly baggage: Baggage | undefined;
  readonly #isRemote: boolean;
  readonly #flags: number;
  readonly #samplingState: SamplingState | undefined;
  /** What the caller wrote into `jaeger-debug-id`, where it gave no trace: a new trace is to be kept under it. */
  readonly debugId: string | undefined;
  /** What the caller wants a new trace to be, where it gave none: sampled, debug, or neither. Undefined leaves it to the sampler. */
  readonly requestedFlags: number | undefined;
  readonly w3c: W3cHeaders | undefined;

  constructor(
    ids: Ids,
    baggage: Baggage | undefined,
    isRemote: boolean,
    {
      samplingState,
      debugId,
      requestedFlags,
      w3c,
    }: {
      samplingState?: SamplingState;
      debugId?: string | undefined;
      requestedFlags?: number | undefined;
      w3c?: W3cHeaders | undefined;
    } = {},
  ) {
    super();
    this.traceId0 = ids.traceId0;
    this.traceId1 = ids.traceId1;
    this.traceId2 = ids.traceId2;
    this.traceId3 = ids.traceId3;
    this.spanId0 = ids.spanId0;
    this.spanId1 = ids.spanId1;
    this.parentId0 = ids.parentId0;
    this.parentId1 = ids.parentId1;
    this.#flags = ids.flags;
    this.baggage = baggage;
    this.#isRemote = isRemote;
    this.#samplingState = samplingState;
    this.debugId = debugId;
    this.requestedFlags = requestedFlags;
    this.w3c = w3c;
  }

  get flags(): number {
    return this.#samplingState === undefined ? this.#flags : this.#samplingState.flags & WIRE_FLAGS;
  }

  get samplingState(): SamplingState | undefined {
    return this.#samplingState;
  }

  /** False for a context that carries baggage or a request for a trace but belongs to none. */
  get isValid(): boolean {
    return isValidIds(this);
  }

  /** True when it was extracted from a carrier. */
  isRemote(): boolean {
    return this.#isRemote;
  }

  isSampled(): boolean {
    return (this.flags & FLAG_SAMPLED) !== 0;
  }

  isDebug(): boolean {
    return (this.flags & FLAG_DEBUG) !== 0;
  }

  /** The trace id as 16 hex digits, or 32 when it is longer than 64 bits; `''` where there is none. */
  override toTraceId(): string {
    return this.isValid ? traceIdHex(this) : '';
  }

  /** The span id as 16 hex digits; `''` where there is none. */
  override toSpanId(): string {
    return this.isValid ? hex64(this.spanId0, this.spanId1) : '';
  }

  /** `{trace}:{span}:{parent}:{flags}`, as in `uber-trace-id`. */
  override toString(): string {
    return formatIds(this);
  }
}

/** Of no trace; never changed. */
export const noIds: Ids = {
  traceId0: 0,
  traceId1: 0,
  traceId2: 0,
  traceId3: 0,
  spanId0: 0,
  spanId1: 0,
  parentId0: 0,
  parentId1: 0,
  flags: 0,
};

export function isSameTrace(a: Ids, b: Ids): boolean {
  return (
    a.traceId3 === b.traceId3 &&
    a.traceId2 === b.traceId2 &&
    a.traceId1 === b.traceId1 &&
    a.traceId0 === b.traceId0
  );
}

export function isValidIds(ids: Ids): boolean {
  return (
    (ids.traceId3 | ids.traceId2 | ids.traceId1 | ids.traceId0) !== 0 &&
    (ids.spanId1 | ids.spanId0) !== 0
  );
}

export function traceIdHex(ids: Ids): string {
  return (ids.traceId0 | ids.traceId1) === 0
    ? hex64(ids.traceId2, ids.traceId3)
    : hex128(ids.traceId0, ids.traceId1, ids.traceId2, ids.traceId3);
}

/** `{trace}:{span}:{parent}:{flags}`; a span without parent has `0` there. @see Jaeger, "Propagation Format" */
export function formatIds(ids: Ids): string {
  const parent = (ids.parentId0 | ids.parentId1) === 0 ? '0' : hex64(ids.parentId0, ids.parentId1);
  const flags = (ids.flags & WIRE_FLAGS).toString(16);
  return `${traceIdHex(ids)}:${hex64(ids.spanId0, ids.spanId1)}:${parent}:${flags}`;
}
