import { type Baggage, SpanContext as CoreSpanContext, type Ids } from '@spoor/core';
import {
  FLAG_DEBUG,
  FLAG_SAMPLED,
  hex64,
  isValidIds,
  noIds,
  SamplingState,
  traceIdHex,
  UNDECIDED,
  WIRE_FLAGS,
} from '@spoor/core/internal';

const FLAG_FIREHOSE = 8;

/** As others write them; kept as they came, because that is how they are shown again. */
interface IdTexts {
  trace: string | null;
  span: string | null;
  parent: string | null;
}

/** The ids of a span, its flags and its baggage, with the methods that `jaeger-client` has for them. */
export class SpanContext extends CoreSpanContext {
  declare baggage: Record<string, string>;
  /** What `jaeger-debug-id` held, else `''`. */
  declare debugId: string;
  readonly #state: SamplingState;
  #texts: IdTexts | undefined = undefined;
  #isRemote = false;

  /**
   * @param traceId 8 or 16 bytes; `SpanContext.withStringIds` and `withBinaryIds` are easier to read. This package gives all
   * ids as words here.
   */
  constructor(
    traceId?: Buffer | Ids | null,
    spanId?: Buffer | null,
    parentId?: Buffer | null,
    traceIdStr?: string | null,
    spanIdStr?: string | null,
    parentIdStr?: string | null,
    baggage?: Baggage | null,
    debugId?: string | null,
    samplingState?: SamplingState,
  ) {
    const ids = isIds(traceId)
      ? traceId
      : idsOf(
          traceIdStr || hexOf(traceId),
          spanIdStr || hexOf(spanId),
          parentIdStr || hexOf(parentId),
        );
    super(ids, undefined, false);
    this.baggage = baggage ?? {};
    this.debugId = debugId ?? '';
    if (traceIdStr || spanIdStr || parentIdStr) {
      this.#texts = {
        trace: traceIdStr || null,
        span: spanIdStr || null,
        parent: parentIdStr || null,
      };
    }
    this.#state = samplingState ?? new SamplingState(ids.flags | UNDECIDED);
  }

  /** Reads `{trace}:{span}:{parent}:{flags}`; null for anything else. */
  static fromString(text: string): SpanContext | null {
    const match = /^([\da-f]{1,32}):([\da-f]{1,16}):([\da-f]{1,16}):([\da-f]{1,2})$/i.exec(text);
    if (match === null) return null;
    const [, traceId, spanId, parentId, flags] = match;
    const parent = /^0+$/.test(parentId!) ? null : parentId!;
    const context = SpanContext.withStringIds(
      traceId!,
      spanId!,
      parent,
      Number.parseInt(flags!, 16),
    );
    return context.isValid ? context : null;
  }

  /** From ids as 8 bytes each, the trace id as 8 or 16. */
  static withBinaryIds(
    traceId: Buffer,
    spanId: Buffer,
    parentId: Buffer | null | undefined,
    flags: number,
    baggage?: Baggage,
    debugId?: string,
  ): SpanContext {
    const context = new SpanContext(
      traceId,
      spanId,
      parentId,
      null,
      null,
      null,
      baggage,
      debugId ?? '',
    );
    context.flags = flags;
    return context;
  }

  /** From ids as hex digits: up to 32 for the trace, up to 16 for the others. */
  static withStringIds(
    traceIdStr: string | null | undefined,
    spanIdStr: string | null | undefined,
    parentIdStr: string | null | undefined,
    flags: number,
    baggage?: Baggage,
    debugId?: string,
  ): SpanContext {
    const context = new SpanContext(
      null,
      null,
      null,
      traceIdStr,
      spanIdStr,
      parentIdStr,
      baggage,
      debugId ?? '',
    );
    context.flags = flags;
    return context;
  }

  /** 8 bytes, or 16 where the id is longer; null where there is none. */
  get traceId(): Buffer | null {
    const hex = this.traceIdStr;
    return hex === null ? null : Buffer.from(padded(hex, hex.length > 16 ? 32 : 16), 'hex');
  }

  set traceId(traceId: Buffer | null) {
    if (this.#texts !== undefined) this.#texts.trace = null;
    const { traceId0, traceId1, traceId2, traceId3 } = idsOf(hexOf(traceId), '', '');
    Object.assign(this, { traceId0, traceId1, traceId2, traceId3 });
  }

  get spanId(): Buffer | null {
    const hex = this.spanIdStr;
    return hex === null ? null : Buffer.from(padded(hex, 16), 'hex');
  }

  set spanId(spanId: Buffer | null) {
    if (this.#texts !== undefined) this.#texts.span = null;
    const { spanId0, spanId1 } = idsOf('', hexOf(spanId), '');
    Object.assign(this, { spanId0, spanId1 });
  }

  get parentId(): Buffer | null {
    const hex = this.parentIdStr;
    return hex === null ? null : Buffer.from(padded(hex, 16), 'hex');
  }

  set parentId(parentId: Buffer | null) {
    if (this.#texts !== undefined) this.#texts.parent = null;
    const { parentId0, parentId1 } = idsOf('', '', hexOf(parentId));
    Object.assign(this, { parentId0, parentId1 });
  }

  /** As it was given, else 16 or 32 hex digits; null where there is none. */
  get traceIdStr(): string | null {
    const given = this.#texts?.trace;
    if (given) return given;
    return (this.traceId0 | this.traceId1 | this.traceId2 | this.traceId3) === 0
      ? null
      : traceIdHex(this);
  }

  get spanIdStr(): string | null {
    const given = this.#texts?.span;
    if (given) return given;
    return (this.spanId0 | this.spanId1) === 0 ? null : hex64(this.spanId0, this.spanId1);
  }

  get parentIdStr(): string | null {
    const given = this.#texts?.parent;
    if (given) return given;
    return (this.parentId0 | this.parentId1) === 0 ? null : hex64(this.parentId0, this.parentId1);
  }

  override get flags(): number {
    return this.#state.flags & WIRE_FLAGS;
  }

  override set flags(flags: number) {
    this.#state.flags = (this.#state.flags & ~WIRE_FLAGS) | (flags & WIRE_FLAGS);
  }

  override get samplingState(): SamplingState {
    return this.#state;
  }

  override get isValid(): boolean {
    return isValidIds(this);
  }

  /** True once no sampler is asked about the trace any more. */
  get samplingFinalized(): boolean {
    return (this.#state.flags & UNDECIDED) === 0;
  }

  finalizeSampling(): void {
    this.#state.flags &= ~UNDECIDED;
  }

  override isRemote(): boolean {
    return this.#isRemote;
  }

  isFirehose(): boolean {
    return (this.flags & FLAG_FIREHOSE) !== 0;
  }

  /** True when it belongs to no trace, and somebody asks for one by `jaeger-debug-id`. */
  isDebugIDContainerOnly(): boolean {
    return !this.isValid && this.debugId !== '';
  }

  /** The same context with one baggage item more, or one changed. */
  withBaggageItem(key: string, value: string): SpanContext {
    const baggage = { ...this.baggage, [key]: value };
    if (this.#texts === undefined) {
      return new SpanContext(
        this,
        null,
        null,
        null,
        null,
        null,
        baggage,
        this.debugId,
        this.#state,
      );
    }
    return new SpanContext(
      null,
      null,
      null,
      this.traceIdStr,
      this.spanIdStr,
      this.parentIdStr,
      baggage,
      this.debugId,
      this.#state,
    );
  }

  override toTraceId(): string {
    return this.traceIdStr ?? '';
  }

  override toSpanId(): string {
    return this.spanIdStr ?? '';
  }

  override toString(): string {
    return `${this.traceIdStr}:${this.spanIdStr}:${this.parentIdStr ?? 0}:${this.flags.toString(16)}`;
  }

  /** For the tracer alone: it was extracted from a carrier. */
  _setRemote(isRemote: boolean): void {
    this.#isRemote = isRemote;
  }

  /** For samplers and codecs that were written for `jaeger-client`. */
  _setSampled(isSampled: boolean): void {
    this.#setFlag(FLAG_SAMPLED, isSampled);
  }

  _setDebug(isDebug: boolean): void {
    this.#setFlag(FLAG_DEBUG, isDebug);
  }

  _setFirehose(isFirehose: boolean): void {
    this.#setFlag(FLAG_FIREHOSE, isFirehose);
  }

  #setFlag(flag: number, isSet: boolean): void {
    this.flags = isSet ? this.flags | flag : this.flags & ~flag;
  }
}

function hexOf(bytes: Buffer | null | undefined): string {
  return bytes?.toString('hex') ?? '';
}

/** Of longer ids the last digits count. */
function padded(hex: string, digits: number): string {
  return hex.padStart(digits, '0').slice(-digits);
}

function isIds(traceId: Buffer | Ids | null | undefined): traceId is Ids {
  return traceId !== undefined && traceId !== null && 'traceId0' in traceId;
}

/** Zeros for an id that is missing, or is no hex number. */
function idsOf(trace: string, span: string, parent: string): Ids {
  // Most requests come without a context.
  if (trace === '' && span === '' && parent === '') return noIds;
  const [traceId0, traceId1, traceId2, traceId3] = words(trace, 4);
  const [spanId0, spanId1] = words(span, 2);
  const [parentId0, parentId1] = words(parent, 2);
  return {
    traceId0: traceId0!,
    traceId1: traceId1!,
    traceId2: traceId2!,
    traceId3: traceId3!,
    spanId0: spanId0!,
    spanId1: spanId1!,
    parentId0: parentId0!,
    parentId1: parentId1!,
    flags: 0,
  };
}

function words(hex: string, count: number): number[] {
  const digits = padded(/^[\da-f]*$/i.test(hex) ? hex : '', count * 8);
  return Array.from(
    { length: count },
    (_, i) => Number.parseInt(digits.slice(i * 8, i * 8 + 8), 16) | 0,
  );
}
