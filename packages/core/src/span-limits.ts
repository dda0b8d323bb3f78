// Hot path: runs for every tag. Measure before and after (bench/).
import type { SpanLog } from './finished-span.js';
import { type TagList, type Tags, type TagValue, toTagValue } from './tags.js';

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
const CUT_VALUES_TAG = 'spoor.cut_values';
const DROPPED_TAGS_TAG = 'spoor.dropped_tags';

/** Roughly what a tag and a log take beside their texts, in bytes. */
const TAG_BYTES = 16;
const LOG_BYTES = 32;

/** Most spans have no more tags, and no longer ones; those are not counted one by one. */
const usualItems = 2 * 24;
const usualChars = 256;

/** {@link SpanLimitOptions} with every field, and what follows from them. */
export class SpanLimits {
  readonly maxTagValueLength: number;
  readonly maxTagItems: number;
  readonly maxLogs: number;
  readonly maxSpanBytes: number;
  /** As long as a span has fewer items (keys and values) in its tags, and none with more characters, no limit is near. */
  readonly easyItems: number;
  readonly easyChars: number;
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
    this.maxSpanBytes = maxSpanBytes;
    const isFar = maxSpanBytes > (usualItems / 2) * (TAG_BYTES + usualChars);
    this.easyItems = isFar ? Math.min(usualItems, this.maxTagItems) : 0;
    this.easyChars = Math.min(usualChars, maxTagValueLength, maxTracebackLength);
    // As jaeger-client-go: half of the logs but one, which says how many are missing.
    this.#maxFirstLogs = (maxLogsPerSpan - 1) >> 1;
    this.#maxFirstLogBytes = maxSpanBytes / 4;
  }

  /** The value of the tag `key`, not longer than it may be; `original` is what the value was made from. */
  cut(key: string, value: TagValue, original: unknown): TagValue {
    const isStack = key === 'stack' || isError(original);
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

/** Counts what one span holds, keeps it within the limits, and knows what was lost to them. */
export class SpanBudget {
  readonly #limits: SpanLimits;
  #room: number;
  /** Of the tags, those that are counted already. */
  #countedItems = 0;
  #cutValues = 0;
  #droppedTags = 0;
  #droppedLogs = 0;
  #lastDroppedLogMs = 0;
  /** Where the gap between the first and the newest logs is; undefined as long as no log had to go. */
  #firstLogCount: number | undefined = undefined;

  constructor(limits: SpanLimits) {
    this.#limits = limits;
    this.#room = limits.maxSpanBytes;
  }

  addTag(tags: TagList, logs: SpanLog[] | undefined, key: string, value: unknown): void {
    this.#countTags(tags);
    this.#append(tags, logs, key, value);
    this.#countedItems = tags.length;
  }

  /** Takes the own enumerable properties of `fields`; never throws. */
  addLog(tags: Readonly<TagList>, logs: SpanLog[], timestampMs: number, fields: Tags): void {
    this.#countTags(tags);
    const list: TagList = [];
    this.#appendFields(list, logs, fields);
    logs.push({ timestampMs, fields: list });
    this.#room -= LOG_BYTES;
    const { maxLogs } = this.#limits;
    // Once some are missing, one place is for the marker that says so.
    const isTooMany = logs.length > (this.#droppedLogs > 0 ? maxLogs - 1 : maxLogs);
    if (isTooMany) this.#dropLogs(logs, logs.length - (maxLogs - 1));
    this.#makeRoom(0, logs);
  }

  /** Puts what was lost on the span, which has finished. */
  tellLosses(tags: TagList, logs: SpanLog[] | undefined): void {
    // Short tags were kept without a look at the room.
    this.#countTags(tags);
    while (!this.#makeRoom(0, logs) && tags.length > 0) this.#dropLastTag(tags);
    if (this.#cutValues > 0) tags.push(CUT_VALUES_TAG, this.#cutValues);
    if (this.#droppedTags > 0) tags.push(DROPPED_TAGS_TAG, this.#droppedTags);
    if (this.#droppedLogs > 0) logs!.splice(this.#firstLogCount!, 0, this.#droppedLogsMarker());
  }

  #appendFields(list: TagList, logs: SpanLog[], fields: Tags): void {
    if (typeof fields !== 'object' || fields === null) return;
    try {
      for (const key in fields) {
        if (Object.hasOwn(fields, key)) this.#append(list, logs, key, fields[key]);
      }
    } catch {
      // A getter or a proxy of the user threw. The fields before it are kept.
    }
  }

  #countTags(tags: Readonly<TagList>): void {
    for (let i = this.#countedItems; i < tags.length; i += 2) {
      this.#room -= bytesOfTag(tags[i] as string, tags[i + 1]!);
    }
    this.#countedItems = tags.length;
  }

  #append(list: TagList, logs: SpanLog[] | undefined, key: string, original: unknown): void {
    const value = toTagValue(original);
    const kept = this.#limits.cut(key, value, original);
    const bytes = bytesOfTag(key, kept);
    if (list.length >= this.#limits.maxTagItems || !this.#makeRoom(bytes, logs)) {
      this.#droppedTags++;
      return;
    }
    // NaN is not cut.
    if (!Object.is(kept, value)) this.#cutValues++;
    this.#room -= bytes;
    list.push(key, kept);
  }

  /** False where there is no room for so many bytes, even without the logs that may be dropped. */
  #makeRoom(bytes: number, logs: SpanLog[] | undefined): boolean {
    while (this.#room < bytes) if (!this.#dropLogs(logs, 1)) return false;
    return true;
  }

  #dropLastTag(tags: TagList): void {
    const [key, value] = tags.splice(-2);
    this.#room += bytesOfTag(key as string, value!);
    this.#droppedTags++;
  }

  /** Drops the oldest logs but the first ones; false where there are no others. */
  #dropLogs(logs: SpanLog[] | undefined, count: number): boolean {
    if (logs === undefined) return false;
    this.#firstLogCount ??= this.#limits.firstLogCount(logs);
    const dropped = logs.splice(this.#firstLogCount, count);
    for (const log of dropped) {
      this.#room += bytesOfLog(log);
      this.#lastDroppedLogMs = log.timestampMs;
    }
    this.#droppedLogs += dropped.length;
    return dropped.length > 0;
  }

  /** Stands where logs are missing. @see jaeger-client-go, span.go, whose marker has these fields */
  #droppedLogsMarker(): SpanLog {
    const fields: TagList = ['event', 'dropped Span logs', 'dropped_log_count', this.#droppedLogs];
    return { timestampMs: this.#lastDroppedLogMs, fields: [...fields, 'component', 'spoor'] };
  }
}

/** Whether a tag is to be kept as it is: it has a type of its own, and is not long. */
export function isEasy(key: unknown, value: unknown, maxChars: number): value is TagValue {
  if (typeof key !== 'string') return false;
  return typeof value === 'string'
    ? key.length + value.length <= maxChars
    : (typeof value === 'number' || typeof value === 'boolean') && key.length <= maxChars;
}

function bytesOfTag(key: string, value: TagValue): number {
  const isLong = typeof value === 'string' || typeof value === 'object';
  return TAG_BYTES + key.length + (isLong ? value.length : 0);
}

function bytesOfLog({ fields }: SpanLog): number {
  let bytes = LOG_BYTES;
  for (let i = 0; i < fields.length; i += 2) {
    bytes += bytesOfTag(fields[i] as string, fields[i + 1]!);
  }
  return bytes;
}

function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    // A proxy of the user threw.
    return false;
  }
}

/** At most so many characters, and no half of one at the end. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const isHalved = (text.charCodeAt(maxChars - 1) & 0xfc00) === 0xd800;
  const end = isHalved ? maxChars - 1 : maxChars;
  // A copy: V8's slice would keep the whole text alive.
  return Buffer.from(text.slice(0, end), 'utf16le').toString('utf16le');
}
