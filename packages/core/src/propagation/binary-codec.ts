import { isUint8Array } from 'node:util/types';
import { maxBaggageItems, maxBaggageValueChars, normalizeBaggageKey } from '../baggage.js';
import type { Metrics } from '../metrics/metrics.js';
import { type Baggage, isValidIds, SpanContext } from '../span-context.js';
import type { Injectable } from './codec.js';

const headBytes = 37;
const maxItemBytes = 4 * maxBaggageValueChars;

/**
 * Sets `carrier.buffer` to ids, flags and baggage, big endian. Writes nothing for a context that belongs to no trace: the
 * format has no way to say so.
 *
 * @see jaeger-client-go propagation.go, BinaryPropagator
 */
export function injectBinary(context: Injectable, carrier: object): void {
  if (!isValidIds(context)) return;
  const items = Object.entries(context.baggage ?? {});
  const parts = items.flat().map((text) => Buffer.from(text, 'utf8'));
  const size = parts.reduce((sum, part) => sum + 4 + part.length, headBytes);
  const buffer = Buffer.alloc(size);
  const words = [
    context.traceId0,
    context.traceId1,
    context.traceId2,
    context.traceId3,
    context.spanId0,
    context.spanId1,
    context.parentId0,
    context.parentId1,
  ];
  let offset = 0;
  for (const word of words) offset = buffer.writeInt32BE(word, offset);
  offset = buffer.writeUInt8(context.flags & 0xff, offset);
  offset = buffer.writeInt32BE(items.length, offset);
  for (const part of parts) {
    offset = buffer.writeInt32BE(part.length, offset);
    offset += part.copy(buffer, offset);
  }
  (carrier as { buffer?: unknown }).buffer = buffer;
}

/** Reads what {@link injectBinary} writes. No buffer: undefined. Too short or too large: counted, and undefined. */
export function extractBinary(carrier: object, metrics: Metrics): SpanContext | undefined {
  const { buffer } = carrier as { buffer?: unknown };
  if (!isUint8Array(buffer) && !Array.isArray(buffer)) return undefined;
  const context = parse(Buffer.from(buffer as Uint8Array));
  if (context === undefined) metrics.malformedContext();
  return context;
}

function parse(bytes: Buffer): SpanContext | undefined {
  if (bytes.length < headBytes) return undefined;
  const ids = {
    traceId0: bytes.readInt32BE(0),
    traceId1: bytes.readInt32BE(4),
    traceId2: bytes.readInt32BE(8),
    traceId3: bytes.readInt32BE(12),
    spanId0: bytes.readInt32BE(16),
    spanId1: bytes.readInt32BE(20),
    parentId0: bytes.readInt32BE(24),
    parentId1: bytes.readInt32BE(28),
    flags: bytes.readUInt8(32),
  };
  const baggage = parseItems(bytes, bytes.readInt32BE(33));
  if (baggage === 'malformed' || !isValidIds(ids)) return undefined;
  return new SpanContext(ids, baggage, true);
}

function parseItems(bytes: Buffer, count: number): Baggage | 'malformed' | undefined {
  if (count === 0) return undefined;
  if (count < 0 || count > maxBaggageItems) return 'malformed';
  const baggage: Record<string, string> = Object.create(null);
  let offset = headBytes;
  const texts: string[] = [];
  for (let i = 0; i < count * 2; i++) {
    if (offset + 4 > bytes.length) return 'malformed';
    const length = bytes.readInt32BE(offset);
    const end = offset + 4 + length;
    if (length < 0 || length > maxItemBytes || end > bytes.length) return 'malformed';
    texts.push(bytes.toString('utf8', offset + 4, end));
    offset = end;
  }
  for (let i = 0; i < texts.length; i += 2) {
    baggage[normalizeBaggageKey(texts[i]!)] = texts[i + 1]!.slice(0, maxBaggageValueChars);
  }
  return baggage;
}
