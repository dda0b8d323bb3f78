// Hot path: runs for every tag. Measure before and after (bench/).
import type { SpanLog } from './finished-span.js';
import type { TagList, TagValue } from './tags.js';

/** What one span may hold. What goes beyond is cut or dropped, and the span says how much in tags of its own. */
export interface SpanLimitOptions {
  /**
   * Characters of a text, bytes of a binary value: in tags, in log fields and in process tags. Longer ones are cut.
   *
   * `jaeger-client` for Node cut nothing, for Python at 1024. With the default one value in any script fits into a packet.
   *
   * @default 16384
   */
  maxTagValueLength?: number | undefined;
  /** The same for an `Error`, which is shown by its stack, and for what is called `stack`. @default 16384 */
  maxTracebackLength?: number | undefined;
  /** Tags of a span, and fields of one log; what comes later is dropped. @default 1000 */
  maxTagsPerSpan?: number | undefined;
  /** Logs of a span; beyond it the first half and the newest are kept. @default 1000 */
  maxLogsPerSpan?: number | undefined;
  /**
   * Tags and logs together, in bytes, a character counted as one. Logs make room for what is newer, tags that do not fit
   * any more are dropped.
   *
   * @default nine tenths of a packet, 58500
   */
  maxSpanBytes?: number | undefined;
}

/** Tags that say what is missing. */
export const CUT_VALUES_TAG = 'spoor.cut_values';
export const DROPPED_TAGS_TAG = 'spoor.dropped_tags';

/** Roughly what a tag and a log take beside their texts, in bytes. */
const TAG_BYTES = 16;
export const LOG_BYTES = 32;

/** Most spans stay below; for those nothing else is looked at. */
const usualBytes = 2048;

/** {@link SpanLimitOptions} with every field, and what follows from them. */
export class SpanLimits {
  readonly maxTagValueLength: number;
  readonly maxTagItems: number;
  readonly maxLogs: number;
  /** Bytes up to which a span cannot exceed any limit, and bytes that it may take beyond those. */
  readonly easyBytes: number;
  readonly furtherBytes: number;
  readonly #maxTracebackLength: number;
  readonly #maxFirstLogs: number;
  readonly #maxFirstLogBytes: number;

  constructor({
    maxTagValueLength = 16_384,
    maxTracebackLength = 16_384,
    maxTagsPerSpan = 1000,
    maxLogsPerSpan = 1000,
    maxSpanBytes = 58_500,
  }: SpanLimitOptions = {}) {
    this.maxTagValueLength = maxTagValueLength;
    this.#maxTracebackLength = maxTracebackLength;
    this.maxTagItems = maxTagsPerSpan * 2;
    this.maxLogs = maxLogsPerSpan;
    this.easyBytes = Math.min(
      usualBytes,
      maxTagValueLength,
      maxTracebackLength,
      maxTagsPerSpan * TAG_BYTES,
      maxLogsPerSpan * LOG_BYTES,
      maxSpanBytes,
    );
    this.furtherBytes = maxSpanBytes - this.easyBytes;
    // As jaeger-client-go: half of the logs but one, which says how many are missing.
    this.#maxFirstLogs = (maxLogsPerSpan - 1) >> 1;
    this.#maxFirstLogBytes = maxSpanBytes / 4;
  }

  /** The value of the tag `key`, not longer than it may be; `original` is what the value was made from. */
  cut(key: string, value: TagValue, original: unknown): TagValue {
    const isStack = key === 'stack' || original instanceof Error;
    const maxLength = isStack ? this.#maxTracebackLength : this.maxTagValueLength;
    if (typeof value === 'string') return cutText(value, maxLength);
    return typeof value === 'object' && value.length > maxLength
      ? value.subarray(0, maxLength)
      : value;
  }

  /** How many of the first logs are to stay when there are too many. */
  firstLogCount(logs: readonly SpanLog[]): number {
    let count = 0;
    for (let bytes = 0; count < Math.min(this.#maxFirstLogs, logs.length); count++) {
      bytes += bytesOfLog(logs[count]!);
      if (bytes > this.#maxFirstLogBytes) break;
    }
    return count;
  }
}

/** What a span has lost to its limits. */
export class Losses {
  cutValues = 0;
  droppedTags = 0;
  droppedLogs = 0;
  /** Where the gap between the first and the newest logs is; undefined as long as no log had to go. */
  firstLogCount: number | undefined = undefined;
  lastDroppedLogMs = 0;
}

export function bytesOfTag(key: string, value: TagValue): number {
  const isLong = typeof value === 'string' || typeof value === 'object';
  return TAG_BYTES + key.length + (isLong ? value.length : 0);
}

export function bytesOfLog({ fields }: SpanLog): number {
  let bytes = LOG_BYTES;
  for (let i = 0; i < fields.length; i += 2)
    bytes += bytesOfTag(fields[i] as string, fields[i + 1]!);
  return bytes;
}

/** Stands where logs are missing. @see jaeger-client-go, span.go, whose marker has these fields */
export function droppedLogsMarker({ droppedLogs, lastDroppedLogMs }: Losses): SpanLog {
  const fields: TagList = ['event', 'dropped Span logs', 'dropped_log_count', droppedLogs];
  return { timestampMs: lastDroppedLogMs, fields: [...fields, 'component', 'spoor'] };
}

/** At most so many characters, and no half of one at the end. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const isHalved = (text.charCodeAt(maxChars - 1) & 0xfc00) === 0xd800;
  const end = isHalved ? maxChars - 1 : maxChars;
  // A copy: V8's slice would keep the whole text alive.
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
}
