import type { Random } from './random.js';

export type Headers = Record<string, string>;

/** Where a new span gets its parent from: numbers are spans, or contexts that were extracted, by the order of their making. */
export type ParentOf =
  | { kind: 'none' }
  | { kind: 'span' | 'context' | 'extracted'; of: number }
  | { kind: 'references'; list: { type: 'child_of' | 'follows_from'; of: number }[] };

/** One thing that an application does with a tracer. */
export type Operation =
  | {
      do: 'start';
      name: string;
      parent: ParentOf;
      tags?: Record<string, unknown>;
      startTime: number;
    }
  | { do: 'tag'; of: number; key: string; value: unknown }
  | { do: 'tags'; of: number; tags: Record<string, unknown> }
  | { do: 'log'; of: number; fields: Record<string, unknown>; time: number }
  | { do: 'event'; of: number; name: string; payload: unknown }
  | { do: 'name'; of: number; name: string }
  | { do: 'baggage'; of: number; key: string; value: string }
  | { do: 'finish'; of: number; time: number }
  | { do: 'inject'; of: number; format: string; asSpan: boolean }
  | { do: 'extract'; format: string; headers: Headers };

const operationNames = ['GET', 'GET /users', 'SELECT', 'queue.send', 'ünïcödé 🦊', 'a'];
const keys = ['user', 'http.status_code', 'span.kind', 'k', 'grün', 'sampled-by'];
const baggageKeys = ['user-id', 'tenant', 'a', 'x-1'];
const formats = ['text_map', 'http_headers'];
const kinds = ['server', 'client'];

/** What a tag, or a field of a log, can be. */
function value(random: Random): unknown {
  return random.pick<() => unknown>([
    () => random.pick(['', 'text', 'käse 🧀', 'x'.repeat(300), 'line\nbreak']),
    () => random.below(1000),
    () => -random.below(1000),
    () => random.next() * 1e6,
    () =>
      random.pick([
        0,
        -0,
        1.5,
        Number.MAX_SAFE_INTEGER,
        1e300,
        Number.POSITIVE_INFINITY,
        Number.NaN,
      ]),
    () => random.chance(0.5),
    () => null,
    () => undefined,
    () => 12n,
    () => new Date(random.below(1e9)),
    () => ({ a: random.below(9), b: ['x', { c: null }] }),
    () => [1, 'two', [3]],
    () => Buffer.from(random.hex(random.below(12) * 2), 'hex'),
    () => Symbol('s'),
  ])();
}

function tags(random: Random): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (let i = random.below(4); i > 0; i--) entries.push([random.pick(keys), value(random)]);
  if (random.chance(0.2)) entries.push(['span.kind', random.pick(kinds)]);
  if (random.chance(0.08)) entries.push(['sampling.priority', priority(random)]);
  return Object.fromEntries(entries);
}

function priority(random: Random): unknown {
  return random.pick([1, 0, 2, '1', true, false, -1, 'abc', null]);
}

/** What the headers of a set-up are called. */
export interface HeaderNames {
  readonly context: string | 'b3';
  readonly baggagePrefix: string;
}

export const usualNames: HeaderNames = { context: 'uber-trace-id', baggagePrefix: 'uberctx-' };

/** Headers as a caller sends them, whole or broken in one of many ways. */
function headers(random: Random, format: string, names: HeaderNames): Headers {
  const made: Headers =
    names.context === 'b3' ? b3Headers(random) : contextHeader(random, format, names.context);
  if (random.chance(0.1)) made['jaeger-debug-id'] = random.pick(['me', 'a b', '', '%41']);
  if (random.chance(0.3)) {
    const text = random.pick(['7', 'ümläut', 'a=b, c', '%20', '%EA', 'a+b', '%E2%82%AC']);
    made[`${names.baggagePrefix}${random.pick(baggageKeys)}`] = text;
  }
  if (random.chance(0.1)) {
    made['jaeger-baggage'] = random.pick(['k1=v1, k2=v2', 'k1=1', 'bare', 'e=f=g', 'k1 = v', '']);
  }
  if (random.chance(0.3)) made['content-type'] = 'text/plain';
  return made;
}

function b3Headers(random: Random): Headers {
  if (random.chance(0.2)) return {};
  const id = (digits: number): string => {
    const whole = random.hex(digits);
    return random.chance(0.1) ? mutate(random, whole) : whole;
  };
  const made: Headers = {
    [random.pick(['x-b3-traceid', 'X-B3-TraceId'])]: id(random.pick([16, 32])),
    [random.pick(['x-b3-spanid', 'X-B3-SpanId'])]: id(16),
  };
  if (random.chance(0.5)) made['x-b3-parentspanid'] = id(16);
  if (random.chance(0.3)) made['x-b3-flags'] = '1';
  else
    made[random.pick(['x-b3-sampled', 'X-B3-Sampled'])] = random.pick(['0', '1', 'true', 'false']);
  return made;
}

function contextHeader(random: Random, format: string, header: string): Headers {
  const made: Headers = {};
  const id = (most: number): string => random.hex(random.pick([most, most, most / 2, 1, 3]));
  const flags = random.pick(['0', '1', '1', '3', '01', '9', 'ff', '4']);
  const parent = random.pick(['0', '0', id(16)]);
  const context = `${id(random.pick([16, 32]))}:${id(16)}:${parent}:${flags}`;
  const name = random.pick([header, header, header.toUpperCase()]);
  if (random.chance(0.8)) made[name] = random.chance(0.35) ? mutate(random, context) : context;
  if (format === 'http_headers' && random.chance(0.2) && made[name] !== undefined) {
    made[name] = made[name].replaceAll(':', '%3A');
  }
  return made;
}

function mutate(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  return random.pick<() => string>([
    () => text.slice(0, at),
    () => text.slice(at),
    () =>
      text.slice(0, at) +
      random.pick([':', 'g', '-', ' ', '%', '0', 'é', '\u0000']) +
      text.slice(at),
    () => text.slice(0, at) + random.pick([':', 'g', '-', ' ']) + text.slice(at + 1),
    () => text.toUpperCase(),
    () => `0000${text}`,
    () => text.replace(/^[^:]*/, '0000000000000000'),
    () => text.replace(/:[^:]*/, ':0'),
    () => `${text}:1`,
    () => '',
    () => text.replace(/[^:]*$/, '100'),
    () => text.repeat(3),
  ])();
}

/** What an application may do, `count` times; each span is finished, most of them once. */
export function randomOperations(
  random: Random,
  count: number,
  names: HeaderNames = usualNames,
): Operation[] {
  const operations: Operation[] = [];
  const open: number[] = [];
  let spanCount = 0;
  let extractedCount = 0;
  // Quarters are exact in binary, so that what is compared is not how a fraction is rounded.
  let now = 1_600_000_000_000 + random.below(1e9);
  const tick = (): number => {
    now += random.below(40) / 4;
    return now;
  };
  const finish = (of: number): void => {
    operations.push({ do: 'finish', of, time: tick() });
    open.splice(open.indexOf(of), 1);
  };
  const parent = (): ParentOf => {
    if (spanCount === 0 || random.chance(0.2)) return { kind: 'none' };
    const of = random.below(spanCount);
    if (extractedCount > 0 && random.chance(0.4)) {
      return { kind: 'extracted', of: random.below(extractedCount) };
    }
    if (random.chance(0.4)) return { kind: random.pick(['span', 'context']), of };
    const list = Array.from({ length: 1 + random.below(3) }, () => ({
      type: random.pick(['child_of', 'follows_from'] as const),
      of: random.below(spanCount),
    }));
    return { kind: 'references', list };
  };
  const start = (): void => {
    operations.push({
      do: 'start',
      name: random.pick(operationNames),
      parent: parent(),
      ...(random.chance(0.6) && { tags: tags(random) }),
      startTime: tick(),
    });
    open.push(spanCount++);
  };
  while (operations.length < count) {
    if (open.length === 0 || (open.length < 12 && random.chance(0.25))) {
      start();
      continue;
    }
    const of = random.pick(open);
    const format = random.pick(formats);
    random.pick<() => void>([
      () => operations.push({ do: 'tag', of, key: random.pick(keys), value: value(random) }),
      () => operations.push({ do: 'tags', of, tags: tags(random) }),
      () => operations.push({ do: 'log', of, fields: tags(random), time: tick() }),
      () => operations.push({ do: 'event', of, name: 'cache', payload: value(random) }),
      () => operations.push({ do: 'name', of, name: random.pick(operationNames) }),
      () =>
        operations.push({
          do: 'baggage',
          of,
          key: random.pick(baggageKeys),
          value: random.pick(['1', 'ümläut', 'a b', 'y'.repeat(2100)]),
        }),
      () => operations.push({ do: 'inject', of, format, asSpan: random.chance(0.5) }),
      () => {
        operations.push({ do: 'extract', format, headers: headers(random, format, names) });
        extractedCount++;
      },
      () => {
        if (random.chance(0.2)) {
          const key = 'sampling.priority';
          operations.push({ do: 'tag', of, key, value: priority(random) });
        }
      },
      () => finish(of),
      () => finish(of),
    ])();
  }
  for (const of of [...open]) finish(of);
  return operations;
}
