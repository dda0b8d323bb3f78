// Hot path: runs for every span. Measure before and after (bench/).
import {
  type Batch,
  type ClientStats,
  type Encoder,
  type FinishedSpan,
  type Process,
  SpoorError,
} from '@spoor/core';
import { ByteWriter, minSpansBytes, TagCache } from '@spoor/core/internal';
import { attributeFormat } from './attributes.js';
import { lengthBytes, messageField } from './protobuf.js';
import { writeResource, writeScope } from './resource.js';
import { writeSpan } from './span.js';

/** ResourceSpans of a request, and ScopeSpans of these: tag, length. */
const maxFieldHeaderBytes = 1 + 4;

/**
 * Writes spans as an `ExportTraceServiceRequest` in protobuf: what an OTLP backend takes by `POST /v1/traces`.
 *
 * All spans of a batch are of one resource and one scope, in front of which stand lengths that are known last: both are
 * written when the batch is sealed, moved up against the spans. The format has no place for {@link ClientStats}.
 *
 * @see opentelemetry-proto trace.proto, trace_service.proto
 */
export class OtlpEncoder implements Encoder {
  readonly #tagCache: TagCache = new TagCache(attributeFormat);
  #resource: Uint8Array = new Uint8Array();
  #scope: Uint8Array = new Uint8Array();
  #spansStart = 0;
  #maxBatchBytes = 0;
  #writer: ByteWriter = new ByteWriter(0);
  /** Of the open batch. */
  #spanLengths: number[] = [];

  start(process: Process, maxBatchBytes: number): void {
    this.#resource = written(maxBatchBytes, (writer) => writeResource(writer, process));
    this.#scope = written(maxBatchBytes, writeScope);
    this.#spansStart = this.#resource.length + this.#scope.length + 2 * maxFieldHeaderBytes;
    this.#maxBatchBytes = maxBatchBytes;
    if (this.#spansStart >= maxBatchBytes) {
      throw new SpoorError(
        'SPOOR_CONFIG',
        `reporter.maxPacketSize: the process tags alone take ${this.#spansStart} bytes of the ${maxBatchBytes}. Write a larger packet size, or fewer tags.`,
      );
    }
    this.#open(new ByteWriter(maxBatchBytes));
  }

  append(span: FinishedSpan): 'appended' | 'full' | 'too-large' {
    const writer = this.#writer;
    const start = writer.length;
    try {
      writeSpan(writer, span, this.#tagCache);
    } catch (error) {
      // Half a span would make the whole batch unreadable.
      writer.length = start;
      throw error;
    }
    if (writer.length <= this.#maxBatchBytes) {
      this.#spanLengths.push(writer.length - start);
      return 'appended';
    }
    writer.length = start;
    return this.#spanLengths.length === 0 ? 'too-large' : 'full';
  }

  seal(_stats?: Readonly<ClientStats>): Batch | undefined {
    const spanLengths = this.#spanLengths;
    const spanCount = spanLengths.length;
    if (spanCount === 0) return undefined;
    const writer = this.#writer;
    const end = writer.length;
    const spansBytes = end - this.#spansStart;
    writer.length = this.#spansStart - this.#headerBytes(spansBytes);
    const start = writer.length;
    this.#writeHeader(writer, spansBytes);
    const bytes = writer.bytes.subarray(start, end);
    // A small batch may wait for long and shall not hold a buffer that is mostly empty.
    const isSmall = bytes.length * 2 < writer.capacity;
    this.#open(isSmall ? writer : new ByteWriter(this.#maxBatchBytes));
    return { bytes: isSmall ? new Uint8Array(bytes) : bytes, spanCount, spanLengths };
  }

  /** In halves. */
  split(
    { bytes, spanCount, spanLengths }: Batch,
    _stats: Readonly<ClientStats>,
    maxBatchBytes: number,
  ): readonly Batch[] {
    // The resource is in every batch, however large it is.
    const leastBytes = this.#spansStart + minSpansBytes;
    this.#maxBatchBytes = Math.min(this.#maxBatchBytes, Math.max(leastBytes, maxBatchBytes));
    if (spanLengths === undefined || spanCount < 2) return [];
    const first = spanLengths.slice(0, spanCount >> 1);
    const second = spanLengths.slice(spanCount >> 1);
    const middle = bytes.length - sum(second);
    return [
      this.#assemble(bytes.subarray(middle - sum(first), middle), first),
      this.#assemble(bytes.subarray(middle), second),
    ];
  }

  /** A batch of spans that are encoded already. */
  #assemble(spans: Uint8Array, spanLengths: readonly number[]): Batch {
    const writer = new ByteWriter(this.#headerBytes(spans.length) + spans.length);
    this.#writeHeader(writer, spans.length);
    writer.raw(spans);
    const bytes = writer.bytes.subarray(0, writer.length);
    return { bytes, spanCount: spanLengths.length, spanLengths };
  }

  #open(writer: ByteWriter): void {
    writer.length = this.#spansStart;
    this.#writer = writer;
    this.#spanLengths = [];
  }

  #headerBytes(spansBytes: number): number {
    const scopeSpans = this.#scope.length + spansBytes;
    const resourceSpans = this.#resource.length + 1 + lengthBytes(scopeSpans) + scopeSpans;
    return 1 + lengthBytes(resourceSpans) + resourceSpans - spansBytes;
  }

  #writeHeader(writer: ByteWriter, spansBytes: number): void {
    const scopeSpans = this.#scope.length + spansBytes;
    writer.byte(messageField(1));
    writer.varint32(this.#resource.length + 1 + lengthBytes(scopeSpans) + scopeSpans);
    writer.raw(this.#resource);
    writer.byte(messageField(2));
    writer.varint32(scopeSpans);
    writer.raw(this.#scope);
  }
}

function written(maxBytes: number, write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(maxBytes);
  write(writer);
  // A copy, because it stays; what did not fit counts all the same, and is refused by whoever asked.
  const bytes = new Uint8Array(writer.length);
  bytes.set(writer.bytes.subarray(0, writer.length));
  return bytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
