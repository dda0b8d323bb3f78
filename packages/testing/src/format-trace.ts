import type { CollectedSpan } from './collected.js';
import { cleanText, count, displayWidth, padding, shorten, shortenMiddle } from './display-text.js';
import { loggedErrors } from './logged-errors.js';
import { createPaint, type Paint, type Style, serviceStyles } from './terminal.js';
import { timeBar } from './time-bar.js';
import { type TraceRow, traceRows } from './trace-tree.js';
import { groupTraces } from './traces.js';

/** How a trace is printed; {@link terminalOptions} finds out for a stream. */
export interface FormatOptions {
  /** No line takes more cells. At least 30. @default 100 */
  width?: number | undefined;
  /** Without, there is no escape code in the text. @default false */
  colors?: boolean | undefined;
}

/**
 * Prints one trace as a tree: who called whom, when, how long, and what went wrong. Spans of
 * several traces give several trees. Span data is untrusted: control characters do not reach the
 * output. The text ends without a line break.
 */
export function formatTrace(spans: Iterable<CollectedSpan>, options: FormatOptions = {}): string {
  const width = Math.max(minWidth, Math.floor(options.width ?? defaultWidth));
  const paint = createPaint({ colors: options.colors ?? false });
  const traces = groupTraces(spans);
  if (traces.length === 0) return '(no spans)';
  return traces
    .map((trace) => formatOne(trace, { width, paint, colors: options.colors ?? false }).join('\n'))
    .join('\n\n');
}

const defaultWidth = 100;
const minWidth = 30;
/** Narrower, the names need the room. */
const minWidthWithBar = 50;
/** Narrower, a service is named where it differs from that of the parent only. */
const minWidthWithEveryService = 70;
/** Longer, the eye loses the line on the way. */
const maxBarCells = 100;
const gap = '  ';

interface Page {
  width: number;
  paint: Paint;
  colors: boolean;
}

/** A row with its texts measured and ready. */
interface Line {
  row: TraceRow;
  isError: boolean;
  mark: string;
  service: string;
  separator: string;
  operation: string;
  note: string;
  status: string;
  duration: string;
}

interface Columns {
  label: number;
  status: number;
  duration: number;
  /** 0 for no bar. */
  bar: number;
}

function formatOne(spans: readonly CollectedSpan[], page: Page): string[] {
  const rows = traceRows(spans, Math.floor(page.width / 3));
  const lines = rows.map((row) => toLine(row, page.width));
  const columns = layOut(lines, page.width);
  const range = timeRange(spans);
  const styles = serviceStyles(spans.map((span) => span.serviceName));
  return [
    ...formatHeader(lines, range, page),
    ...lines.flatMap((line) => [
      formatLine(line, columns, styles.get(line.row.span.serviceName) ?? 'bold', range, page),
      ...formatDetails(line, columns, page),
    ]),
  ];
}

function toLine(row: TraceRow, width: number): Line {
  const { span, parent } = row;
  const isNamed = width >= minWidthWithEveryService || span.serviceName !== parent?.serviceName;
  const isError = span.tags.error === true || span.tags.error === 'true';
  const status = String(span.tags['http.status_code'] ?? '');
  return {
    row,
    isError,
    mark: isError ? '✗ ' : '',
    service: isNamed ? cleanText(span.serviceName) || '(no service)' : '',
    separator: isNamed ? gap : '',
    operation: cleanText(span.operationName) || '(no name)',
    note: row.note === undefined ? '' : `${gap}(${row.note})`,
    status: /^\d{3}$/.test(status) ? status : '',
    duration: formatDuration(span.durationUs),
  };
}

function labelWidth({ row, mark, service, separator, operation }: Line): number {
  return displayWidth(row.guides + mark + service + separator + operation);
}

function layOut(lines: readonly Line[], width: number): Columns {
  const status = lines.some((line) => line.status !== '') ? 3 + gap.length : 0;
  const duration = largest(lines, (line) => displayWidth(line.duration));
  const rest = width - status - duration - gap.length;
  const leastBar = width < minWidthWithBar ? 0 : clamp(Math.floor(width / 5), 10, 40) + gap.length;
  const mostLabel = rest - leastBar;
  const label = largest(lines, (line) => {
    const own = labelWidth(line);
    const withNote = own + displayWidth(line.note);
    return Math.min(withNote <= mostLabel ? withNote : own, mostLabel);
  });
  const bar = leastBar === 0 ? 0 : Math.min(maxBarCells, rest - label - gap.length);
  return { label, status, duration, bar };
}

/** `Math.max(...)` overflows the stack with a hundred thousand spans. */
function largest(lines: readonly Line[], measure: (line: Line) => number): number {
  return lines.reduce((most, line) => Math.max(most, measure(line)), 0);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

interface TimeRange {
  startUs: number;
  endUs: number;
}

function timeRange(spans: readonly CollectedSpan[]): TimeRange {
  let startUs = Infinity;
  let endUs = -Infinity;
  for (const span of spans) {
    startUs = Math.min(startUs, span.startTimeUs);
    endUs = Math.max(endUs, span.startTimeUs + span.durationUs);
  }
  return { startUs, endUs };
}

/** One line, or two where one is too narrow: the trace id is never cut, people search for it. */
function formatHeader(lines: readonly Line[], range: TimeRange, page: Page): string[] {
  const { paint, width } = page;
  const traceId = lines[0]?.row.span.traceId ?? '';
  const services = new Set(lines.map((line) => line.row.span.serviceName)).size;
  const errors = lines.filter((line) => line.isError).length;
  const facts = [
    count(services, 'service'),
    count(lines.length, 'span'),
    formatDuration(range.endUs - range.startUs),
  ].join(' · ');
  const fault = errors === 0 ? '' : `✗ ${count(errors, 'error')}`;
  const summary = paint(facts, 'dim') + (fault && paint(' · ', 'dim') + paint(fault, 'boldRed'));
  const title = `Trace ${traceId}`;
  const summaryWidth = displayWidth(facts) + (fault && ` · ${fault}`).length;
  const paintedTitle = `Trace ${paint(traceId, 'bold')}`;
  if (title.length + gap.length + summaryWidth <= width) return [paintedTitle + gap + summary];
  if (summaryWidth <= width) return [paintedTitle, summary];
  return [paintedTitle, paint(facts, 'dim'), paint(fault, 'boldRed')];
}

function formatLine(
  line: Line,
  columns: Columns,
  style: Style,
  range: TimeRange,
  page: Page,
): string {
  const { paint } = page;
  const { row, isError, mark, separator, status, duration } = line;
  const { service, operation } = fitNames(line, columns.label);
  const note = isNoteInline(line, columns) ? line.note : '';
  const label = row.guides + mark + service + separator + operation + note;
  const nameStyles: Style[] = isError ? ['red'] : row.guides === '' ? ['bold'] : [];
  return [
    paint(row.guides, 'dim'),
    paint(mark, 'boldRed'),
    paint(service, style),
    separator,
    nameStyles.length > 0 ? paint(operation, ...nameStyles) : operation,
    paint(note, 'yellow'),
    padding(label, columns.label),
    columns.status > 0 ? gap + paint(status.padStart(3), statusStyle(status, isError)) : '',
    gap,
    padding(duration, columns.duration),
    duration,
    columns.bar > 0
      ? gap + formatBar(row.span, columns.bar, isError ? 'red' : style, range, page)
      : '',
  ].join('');
}

function statusStyle(status: string, isError: boolean): Style {
  if (isError || status >= '500') return 'red';
  return status >= '400' ? 'yellow' : 'dim';
}

/** When both names do not fit, the service gives way first, but keeps two fifths. */
function fitNames(line: Line, labelCells: number): { service: string; operation: string } {
  const { row, mark, service, separator, operation } = line;
  const room = labelCells - displayWidth(row.guides + mark + separator);
  const forService = Math.max(Math.floor(room * 0.4), room - displayWidth(operation));
  const fittedService = shorten(service, forService);
  return {
    service: fittedService,
    operation: shorten(operation, room - displayWidth(fittedService)),
  };
}

function isNoteInline(line: Line, columns: Columns): boolean {
  return labelWidth(line) + displayWidth(line.note) <= columns.label;
}

function formatBar(
  span: CollectedSpan,
  cells: number,
  style: Style,
  { startUs, endUs }: TimeRange,
  { paint, colors }: Page,
): string {
  const length = Math.max(1, endUs - startUs);
  const start = (span.startTimeUs - startUs) / length;
  const bar = timeBar(start, start + span.durationUs / length, cells);
  const head = colors ? paint(bar.inverseHead, 'inverse', style) : bar.plainHead;
  return ' '.repeat(bar.indent) + head + paint(bar.body, style);
}

/** The lines below a span: what did not fit, and its errors. */
function formatDetails(line: Line, columns: Columns, page: Page): string[] {
  const { paint } = page;
  const { guidesBelow, span } = line.row;
  const room = page.width - displayWidth(guidesBelow);
  const indent = paint(guidesBelow, 'dim');
  const note = isNoteInline(line, columns) ? '' : shorten(line.note.trim(), room);
  return [
    ...(note === '' ? [] : [indent + paint(note, 'yellow')]),
    ...loggedErrors(span).flatMap(({ headline, place }) => [
      indent + paint(shorten(headline, room), 'red'),
      ...(place === ''
        ? []
        : [indent + paint(gap + shortenMiddle(place, room - gap.length), 'dim')]),
    ]),
  ];
}

/** Three significant digits: `812µs`, `12.3ms`, `1.24s`; from a minute on, `2m 05s`. */
function formatDuration(us: number): string {
  if (us < 1000) return `${us}µs`;
  const ms = significant(us / 1000);
  if (ms < 1000) return `${threeDigits(ms)}ms`;
  const s = significant(us / 1_000_000);
  if (s < 60) return `${threeDigits(s)}s`;
  const seconds = Math.round(us / 1_000_000);
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
}

function significant(value: number): number {
  return Number(value.toPrecision(3));
}

function threeDigits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
