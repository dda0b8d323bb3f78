// Hot path: runs for every span. Measure before and after (bench/).
import { SpoorError } from '../errors.js';
import type { FinishedSpan } from '../finished-span.js';
import type { Process } from '../process-tags.js';
import { tagValueToText } from '../tag-value.js';
import { ByteWriter } from './byte-writer.js';
import type { Batch, ClientStats, Encoder } from './encoder.js';
import { TagCache, type TagFormat } from './tag-cache.js';

/** Whatever is refused for its size: the spans of a batch may take as much, together. */
export const minSpansBytes = 1000;

/** How one of Thrift's protocols writes the parts of a `Batch`. @see jaeger-idl jaeger.thrift */
export interface ThriftProtocol {
  readonly tags: TagFormat;
  /** What {@link writeListHeader} takes at most for the spans, the header of their field included. */
  readonly maxSpanListHeaderBytes: number;
  /** What {@link writeTrailer} takes at most. */
  readonly maxTrailerBytes: number;
  /** All that comes before the field of the spans. */
  writePrefix(writer: ByteWriter, process: Process): void;
  spanListHeaderBytes(spanCount: number): number;
  writeSpanListHeader(writer: ByteWriter, spanCount: number): void;
  writeSpan(writer: ByteWriter, span: FinishedSpan, cache: TagCache): void;
  /** Sequence number, statistics, and the end of all that is open. */
  writeTrailer(writer: ByteWriter, sequenceNumber: number, stats: Readonly<ClientStats>): void;
}

/**
 * The buffer of a batch: message header and process (written when it is sealed, moved up against the spans, because
 * the length of the list header may depend on the count), spans, sequence number and {@link ClientStats}.
 */
export class ThriftEncoder implements Encoder {
  readonly #protocol: ThriftProtocol;
  readonly #tagCache: TagCache;
  #prefix: Uint8Array = new Uint8Array();
  #spansStart = 0;
  #maxSpansEnd = 0;
  #writer: ByteWriter = new ByteWriter(0);
  /** Of the open batch, by where each ends. */
  #spanLengths: number[] = [];
  #sequenceNumber = 0;

  constructor(protocol: ThriftProtocol) {
    this.#protocol = protocol;
    this.#tagCache = new TagCache(protocol.tags);
  }

  start(process: Process, maxBatchBytes: number): void {
    const { maxSpanListHeaderBytes, maxTrailerBytes } = this.#protocol;
    this.#prefix = this.#encodePrefix(process, maxBatchBytes);
    this.#spansStart = this.#prefix.length + maxSpanListHeaderBytes;
    this.#maxSpansEnd = maxBatchBytes - maxTrailerBytes;
    this.#open(this.#newWriter());
  }

  append(span: FinishedSpan): 'appended' | 'full' | 'too-large' {
    const writer = this.#writer;
    const start = writer.length;
    try {
      this.#protocol.writeSpan(writer, span, this.#tagCache);
    } catch (error) {
      // Half a span would make the whole batch unreadable.
      writer.length = start;
      throw error;
    }
    if (writer.length <= this.#maxSpansEnd) {
      this.#spanLengths.push(writer.length - start);
      return 'appended';
    }
    writer.length = start;
    return this.#spanLengths.length === 0 ? 'too-large' : 'full';
  }

  seal(stats: Readonly<ClientStats>): Batch | undefined {
    const protocol = this.#protocol;
    const spanLengths = this.#spanLengths;
    const spanCount = spanLengths.length;
    if (spanCount === 0) return undefined;
    const writer = this.#writer;
    protocol.writeTrailer(writer, ++this.#sequenceNumber, stats);
    const end = writer.length;
    writer.length =
      this.#spansStart - protocol.spanListHeaderBytes(spanCount) - this.#prefix.length;
    const start = writer.length;
    writer.raw(this.#prefix);
    protocol.writeSpanListHeader(writer, spanCount);
    const bytes = writer.bytes.subarray(start, end);
    // A small batch may wait for long and shall not hold a buffer that is mostly empty.
    const isSmall = bytes.length * 2 < writer.capacity;
    this.#open(isSmall ? writer : this.#newWriter());
    return { bytes: isSmall ? new Uint8Array(bytes) : bytes, spanCount, spanLengths };
  }

  /** In halves. The first keeps the number and the statistics of the batch, so that no agent takes that for lost. */
  split(
    { bytes, spanCount, spanLengths }: Batch,
    stats: Readonly<ClientStats>,
    maxBatchBytes: number,
  ): readonly Batch[] {
    const { maxTrailerBytes, spanListHeaderBytes } = this.#protocol;
    // The process is in every batch, however large it is.
    const leastEnd = this.#spansStart + minSpansBytes;
    this.#maxSpansEnd = Math.min(
      this.#maxSpansEnd,
      Math.max(leastEnd, maxBatchBytes - maxTrailerBytes),
    );
    if (spanLengths === undefined || spanCount < 2) return [];
    const first = spanLengths.slice(0, spanCount >> 1);
    const second = spanLengths.slice(spanCount >> 1);
    const start = this.#prefix.length + spanListHeaderBytes(spanCount);
    const middle = start + sum(first);
    const end = middle + sum(second);
    const trailer = new ByteWriter(maxTrailerBytes);
    this.#protocol.writeTrailer(trailer, ++this.#sequenceNumber, stats);
    return [
      this.#assemble(bytes.subarray(start, middle), first, bytes.subarray(end)),
      this.#assemble(
        bytes.subarray(middle, end),
        second,
        trailer.bytes.subarray(0, trailer.length),
      ),
    ];
  }

  /** A batch of spans that are encoded already. */
  #assemble(spans: Uint8Array, spanLengths: readonly number[], trailer: Uint8Array): Batch {
    const { maxSpanListHeaderBytes } = this.#protocol;
    const spanCount = spanLengths.length;
    const fixedBytes = this.#prefix.length + maxSpanListHeaderBytes + trailer.length;
    const writer = new ByteWriter(fixedBytes + spans.length);
    writer.raw(this.#prefix);
    this.#protocol.writeSpanListHeader(writer, spanCount);
    writer.raw(spans);
    writer.raw(trailer);
    return { bytes: writer.bytes.subarray(0, writer.length), spanCount, spanLengths };
  }

  #open(writer: ByteWriter): void {
    writer.length = this.#spansStart;
    this.#writer = writer;
    this.#spanLengths = [];
  }

  #newWriter(): ByteWriter {
    return new ByteWriter(this.#maxSpansEnd + this.#protocol.maxTrailerBytes);
  }

  #encodePrefix(process: Process, maxBatchBytes: number): Uint8Array {
    const { maxSpanListHeaderBytes, maxTrailerBytes } = this.#protocol;
    const writer = new ByteWriter(maxBatchBytes);
    this.#protocol.writePrefix(writer, process);
    if (writer.length + maxSpanListHeaderBytes + maxTrailerBytes >= maxBatchBytes) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        `reporter.maxPacketSize: the process tags alone take ${writer.length} bytes of the ${maxBatchBytes}. Write a larger packet size, or fewer tags.`,
      );
    }
    // A copy, because it stays: what it was written into is as large as a batch.
    return new Uint8Array(writer.bytes.subarray(0, writer.length));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** JavaScript callers may give anything as a name. */
export function nameText(name: unknown): string {
  return typeof name === 'string' ? name : tagValueToText(name);
}
