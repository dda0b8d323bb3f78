import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type CollectedSpan, formatTrace, groupTraces, type TagValue } from '@spoor/testing';

type SpanFields = Partial<Omit<CollectedSpan, 'spanId' | 'parentSpanId'>> & {
  id: number;
  parent?: number;
};

function id(number: number | undefined): string {
  return number === undefined ? '' : number.toString(16).padStart(16, '0');
}

function span({ id: spanId, parent, ...fields }: SpanFields): CollectedSpan {
  return {
    traceId: '00000000000000aa',
    spanId: id(spanId),
    parentSpanId: id(parent),
    operationName: `op-${spanId}`,
    flags: 1,
    startTimeUs: spanId * 1000,
    durationUs: 500,
    references: [],
    tags: {},
    tagTypes: {},
    tagList: [],
    logs: [],
    serviceName: 'svc',
    processTags: {},
    ...fields,
  };
}

function errorLog(fields: Record<string, TagValue>): CollectedSpan['logs'] {
  return [{ timestampUs: 0, fields: { event: 'error', ...fields } }];
}

function linesOf(spans: CollectedSpan[], width = 80): string[] {
  return formatTrace(spans, { width }).split('\n');
}

/** The tree alone, without durations and bars. */
function treeOf(spans: CollectedSpan[], width = 80): string[] {
  return linesOf(spans, width)
    .filter((line) => !/^(?:Trace|\d+ services?) /.test(line))
    .map((line) => line.replace(/ +\d[\d.]*(?:µs|ms|s).*$/, ''));
}

const checkout = [
  span({
    id: 1,
    serviceName: 'gateway',
    operationName: 'POST /checkout',
    startTimeUs: 1000,
    durationUs: 48_200,
    tags: { 'http.status_code': 500, error: true },
  }),
  span({
    id: 3,
    parent: 1,
    serviceName: 'gateway',
    operationName: 'POST',
    startTimeUs: 11_000,
    durationUs: 36_000,
    tags: { 'http.status_code': '500', error: 'true' },
  }),
  span({
    id: 4,
    parent: 3,
    serviceName: 'orders',
    operationName: 'POST /orders',
    startTimeUs: 13_000,
    durationUs: 31_000,
    tags: { 'http.status_code': 500, error: true },
    logs: errorLog({
      'error.kind': 'TypeError',
      message: "Cannot read properties of undefined (reading 'price')",
      stack:
        'TypeError: Cannot read…\n    at total (/app/orders.js:12:9)\n    at run (/app/a.js:1:1)',
    }),
  }),
  span({
    id: 5,
    parent: 4,
    serviceName: 'orders',
    operationName: 'SELECT items',
    startTimeUs: 16_000,
    durationUs: 12_340,
  }),
  span({
    id: 2,
    parent: 1,
    serviceName: 'gateway',
    operationName: 'GET',
    startTimeUs: 1600,
    durationUs: 812,
    tags: { 'http.status_code': 200 },
  }),
];

test('a trace is printed as a tree with durations and bars', () => {
  assert.equal(
    formatTrace(checkout, { width: 80 }),
    `\
Trace 00000000000000aa  2 services · 5 spans · 48.2ms · ✗ 3 errors
✗ gateway  POST /checkout      500  48.2ms  ████████████████████████████████████
├─ gateway  GET                200   812µs  ▐
└─ ✗ gateway  POST             500  36.0ms         ▐██████████████████████████▍
   └─ ✗ orders  POST /orders   500  31.0ms           ███████████████████████▏
      │  TypeError: Cannot read properties of undefined (reading 'price')
      │    at total (/app/orders.js:12:9)
      └─ orders  SELECT items       12.3ms             █████████▍`,
  );
});

test('a narrow page names a service where it changes', () => {
  assert.equal(
    formatTrace(checkout, { width: 50 }),
    `\
Trace 00000000000000aa
2 services · 5 spans · 48.2ms · ✗ 3 errors
✗ gateway  POST /checkout  500  48.2ms  ██████████
├─ GET                     200   812µs  ▏
└─ ✗ POST                  500  36.0ms    ███████▌
   └─ ✗ orders  POST /or…  500  31.0ms    ▐█████▉
      │  TypeError: Cannot read properties of und…
      │    at total (/app/orders.js:12:9)
      └─ SELECT items           12.3ms     ██▋`,
  );
});

test('below 50 columns there is no bar', () => {
  assert.equal(
    formatTrace(checkout, { width: 40 }),
    `\
Trace 00000000000000aa
2 services · 5 spans · 48.2ms
✗ 3 errors
✗ gateway  POST /checkout    500  48.2ms
├─ GET                       200   812µs
└─ ✗ POST                    500  36.0ms
   └─ ✗ orders  POST /orde…  500  31.0ms
      │  TypeError: Cannot read propert…
      │    at total …app/orders.js:12:9)
      └─ SELECT items             12.3ms`,
  );
});

test('with colours the text is the same, but for cells that are drawn inverse', () => {
  const painted = formatTrace(checkout, { width: 100, colors: true });
  const plain = formatTrace(checkout, { width: 100 });
  const withoutBars = (text: string) => text.replace(/[▏▎▍▌▋▊▉█▐▕]/g, '#');
  assert.equal(withoutBars(stripVTControlCharacters(painted)), withoutBars(plain));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for.
  assert.match(painted, /\x1b\[31mPOST \/checkout\x1b\[0m/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  assert.doesNotMatch(plain, /\x1b/);
});

test('a service has one colour, in every trace', () => {
  const colourOf = (service: string, others: string[]) => {
    const spans = [service, ...others].map((serviceName, index) =>
      span({ id: index + 1, serviceName }),
    );
    const line = formatTrace(spans, { colors: true }).split('\n')[1];
    return line?.slice(0, line.indexOf(service));
  };
  assert.equal(colourOf('orders', []), colourOf('orders', ['payments']));
  assert.notEqual(colourOf('orders', ['payments']), colourOf('payments', ['orders']));
});

test('siblings are in order of start time', () => {
  const spans = [4, 2, 3].map((number) => span({ id: number, parent: 1 }));
  assert.deepEqual(treeOf([...spans, span({ id: 1 })]), [
    'svc  op-1',
    '├─ svc  op-2',
    '├─ svc  op-3',
    '└─ svc  op-4',
  ]);
});

test('a span whose parent did not arrive stands at the top level and says so', () => {
  const spans = [span({ id: 1 }), span({ id: 2, parent: 99 }), span({ id: 3, parent: 2 })];
  assert.deepEqual(treeOf(spans), [
    'svc  op-1',
    'svc  op-2  (parent not received)',
    '└─ svc  op-3',
  ]);
});

test('where there is no room for it, what is wrong with the parent stands below the span', () => {
  const spans = [
    span({ id: 2, parent: 99, operationName: 'a-long-name' }),
    span({ id: 3, parent: 2 }),
  ];
  assert.deepEqual(treeOf(spans, 40), ['svc  a-long-name', '│  (parent not received)', '└─ op-3']);
});

test('a span that only follows from another hangs below it', () => {
  const follows = { type: 'follows_from' as const, traceId: '00000000000000aa', spanId: id(1) };
  assert.deepEqual(treeOf([span({ id: 1 }), span({ id: 2, references: [follows] })]), [
    'svc  op-1',
    '└─ svc  op-2',
  ]);
});

test('parents that form a cycle are printed once each', () => {
  const spans = [
    span({ id: 1, parent: 3 }),
    span({ id: 2, parent: 1 }),
    span({ id: 3, parent: 2 }),
    span({ id: 4, parent: 4 }),
    span({ id: 5 }),
  ];
  assert.deepEqual(treeOf(spans), [
    'svc  op-5',
    'svc  op-1  (parents form a cycle)',
    '└─ svc  op-2',
    '   └─ svc  op-3',
    'svc  op-4  (parents form a cycle)',
  ]);
});

test('a client and a server with one span id are both printed, children with their own service', () => {
  const spans = [
    span({ id: 1 }),
    span({ id: 2, parent: 1, operationName: 'call' }),
    span({ id: 2, parent: 1, operationName: 'serve', serviceName: 'other', startTimeUs: 2100 }),
    span({ id: 3, parent: 2, operationName: 'query', serviceName: 'other' }),
  ];
  assert.deepEqual(treeOf(spans), [
    'svc  op-1',
    '├─ svc  call',
    '└─ other  serve',
    '   └─ other  query',
  ]);
});

test('control characters, line breaks and escape codes do not reach the output', () => {
  const spans = [
    span({
      id: 1,
      operationName: 'a\x1b[31mb c\x07\nd\x9b2Je\u202ef\ufeff',
      serviceName: '\r\nsvc\0',
      tags: { error: true, 'http.status_code': '\x1b[2J' },
      logs: errorLog({
        'error.kind': 'E\x1b]0;title\x07',
        message: 'one\ntwo\u2028three',
        stack: '\tat \x1b[1mf (x.js:1:1)\nsecond',
      }),
    }),
  ];
  assert.deepEqual(treeOf(spans), [
    '✗ svc  ab c def',
    '   E: one two three',
    '     at f (x.js:1:1)',
  ]);
});

test('names that are empty after that are named so', () => {
  assert.deepEqual(treeOf([span({ id: 1, operationName: '', serviceName: '\x1b' })]), [
    '(no service)  (no name)',
  ]);
});

test('wide and combining characters are counted as the terminal shows them', () => {
  const spans = [
    span({ id: 1, operationName: '注文を作成' }),
    span({ id: 2, parent: 1, operationName: 'cafe\u0301 😀' }),
    span({ id: 3, parent: 1, operationName: 'plain' }),
  ];
  const durationColumns = linesOf(spans)
    .slice(1)
    .map((line) => cellsOf(line.slice(0, line.indexOf('500µs'))));
  assert.deepEqual(new Set(durationColumns).size, 1);
  const [cut = ''] = linesOf([span({ id: 1, operationName: '価'.repeat(100) })], 40).slice(-1);
  assert.match(cut, /^svc {2}価+… {2,3}500µs$/);
});

test('an error without kind, message and stack is still shown', () => {
  assert.deepEqual(treeOf([span({ id: 1, logs: errorLog({}) })]), ['svc  op-1', '   error']);
});

test('the trace id is never cut', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spans = checkout.map((each) => ({ ...each, traceId }));
  assert.deepEqual(linesOf(spans, 90).slice(0, 1), [
    `Trace ${traceId}  2 services · 5 spans · 48.2ms · ✗ 3 errors`,
  ]);
  assert.deepEqual(linesOf(spans, 60).slice(0, 2), [
    `Trace ${traceId}`,
    '2 services · 5 spans · 48.2ms · ✗ 3 errors',
  ]);
});

test('durations have three significant digits', () => {
  const durations: [number, string][] = [
    [0, '0µs'],
    [812, '812µs'],
    [999, '999µs'],
    [1000, '1.00ms'],
    [12_345, '12.3ms'],
    [99_960, '100ms'],
    [999_499, '999ms'],
    [999_500, '1.00s'],
    [1_240_000, '1.24s'],
    [59_940_000, '59.9s'],
    [59_960_000, '1m 00s'],
    [125_400_000, '2m 05s'],
  ];
  for (const [durationUs, text] of durations) {
    assert.ok(
      linesOf([span({ id: 1, durationUs })], 40)
        .at(-1)
        ?.endsWith(`  ${text}`),
      `${durationUs} µs as ${text}`,
    );
  }
});

test('bars show when a span ran, to an eighth of a cell', () => {
  const width = 80;
  const cells = width - '└─ svc  c  990µs  '.length;
  /** The bar of a child that runs from one cell to another, below a root that fills them all. */
  const barOf = (fromCell: number, toCell: number) => {
    const [fromUs = 0, toUs = 0] = [fromCell, toCell].map((cell) =>
      Math.round((cell / cells) * 990),
    );
    const root = span({ id: 1, operationName: 'r', startTimeUs: 0, durationUs: 990 });
    const child = span({
      id: 2,
      parent: 1,
      operationName: 'c',
      startTimeUs: fromUs,
      durationUs: toUs - fromUs,
    });
    return linesOf([root, child], width)
      .at(-1)
      ?.slice(width - cells);
  };
  assert.equal(barOf(0, cells), '█'.repeat(cells));
  assert.equal(barOf(0, 2), '██');
  assert.equal(barOf(0, 0), '▏');
  assert.equal(barOf(3, 4.5), '   █▌');
  assert.equal(barOf(3, 4.125), '   █▏');
  assert.equal(barOf(1.5, 3), ' ▐█');
  assert.equal(barOf(1.875, 2), ' ▕');
  assert.equal(barOf(1.25, 1.5), ' ▎');
  assert.equal(barOf(cells, cells), `${' '.repeat(cells - 1)}▕`);
});

test('several traces are printed one after the other, nothing as nothing', () => {
  const spans = [span({ id: 2, traceId: '00000000000000bb' }), span({ id: 1 })];
  assert.deepEqual(
    linesOf(spans).filter((line) => line === '' || line.startsWith('Trace')),
    [
      'Trace 00000000000000aa  1 service · 1 span · 500µs',
      '',
      'Trace 00000000000000bb  1 service · 1 span · 500µs',
    ],
  );
  assert.equal(formatTrace([]), '(no spans)');
});

test('groupTraces gives traces and their spans in order of start time', () => {
  const spans = [
    span({ id: 3, traceId: '00000000000000bb' }),
    span({ id: 4 }),
    span({ id: 2, traceId: '00000000000000bb' }),
  ];
  assert.deepEqual(
    groupTraces(spans).map((trace) => trace.map((each) => each.operationName)),
    [['op-2', 'op-3'], ['op-4']],
  );
});

test('no line is wider than the page, whatever the spans say', () => {
  const deep = Array.from({ length: 40 }, (_, index) =>
    span({
      id: index + 1,
      ...(index > 0 && { parent: index }),
      operationName: index % 2 === 0 ? '価格を計算する'.repeat(index) : 'o'.repeat(index * 5),
      serviceName: index % 3 === 0 ? 'a-rather-long-service-name' : 'サービス',
      durationUs: 10 ** (index % 14),
      traceId: 'f'.repeat(32),
      tags: index % 4 === 0 ? { error: true, 'http.status_code': 503 } : {},
      logs: errorLog({ message: '価m'.repeat(100), stack: `    at ${'価f'.repeat(100)}` }),
    }),
  );
  const orphan = span({ id: 100, parent: 99, traceId: 'f'.repeat(32) });
  for (let width = 40; width <= 300; width += width < 100 ? 1 : 20) {
    for (const colors of [false, true]) {
      for (const line of formatTrace([...deep, orphan], { width, colors }).split('\n')) {
        const cells = cellsOf(stripVTControlCharacters(line));
        assert.ok(cells <= width, `${cells} cells of ${width}: ${line}`);
      }
    }
  }
});

test('a chain of 20000 spans is printed in reasonable time', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) =>
    span({ id: index + 1, ...(index > 0 && { parent: index }) }),
  );
  assert.equal(linesOf(chain).length, 20_001);
});

/**
 * What the tests use is either CJK, kana or an emoji (two cells), a combining accent (none), or one
 * cell wide.
 */
function cellsOf(text: string): number {
  return [...text].reduce((sum, character) => {
    if (character === '\u0301') return sum;
    return sum + (/[\u3000-\u9fff\u{1f600}]/u.test(character) ? 2 : 1);
  }, 0);
}
