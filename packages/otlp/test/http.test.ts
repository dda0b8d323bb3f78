import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type PartlyAccepted, Tracer } from '@spoor/core';
import { FaultLog } from '@spoor/core/internal';
import { type OtlpReporterOptions, otlpReporter, otlpSender } from '@spoor/otlp';
import { listen, type OtlpAnswer, type OtlpCollector, startOtlpCollector } from '@spoor/testing';
import fc from 'fast-check';
import { keepAll, RecordedLog } from './helpers.js';

interface Sending {
  readonly tracer: Tracer;
  readonly collector: OtlpCollector;
  readonly errors: string[];
  /** How many spans were taken, lost, dropped. */
  counts(): number[];
}

async function start(
  t: TestContext,
  answers: readonly OtlpAnswer[],
  options: OtlpReporterOptions = {},
): Promise<Sending> {
  const collector = await startOtlpCollector(t, ...answers);
  const logger = new RecordedLog();
  const counts = new Map<string, number>();
  const reporter = otlpReporter({ endpoint: `${collector.url}/v1/traces`, logger, ...options });
  const tracer = new Tracer('orders', {
    sampler: keepAll,
    reporter,
    logger,
    metrics: {
      createCounter: (name, tags) => ({
        increment(delta = 1) {
          const key = `${name} ${tags?.result}`;
          counts.set(key, (counts.get(key) ?? 0) + delta);
        },
      }),
      createGauge: () => ({ update() {} }),
    },
  });
  t.after(() => tracer.close());
  return {
    tracer,
    collector,
    errors: logger.errors,
    counts: () =>
      ['ok', 'err', 'dropped'].map((r) => counts.get(`jaeger:reporter_spans ${r}`) ?? 0),
  };
}

function finish(tracer: Tracer, ...names: string[]): void {
  for (const name of names) tracer.startSpan(name).finish();
}

const names = ({ posts }: OtlpCollector): string[][] =>
  posts.map(({ batch }) => batch.spans.map(({ name }) => name));

for (const status of [429, 502, 503, 504]) {
  test(`what is answered with ${status} is sent again`, async (t) => {
    const { tracer, collector, errors, counts } = await start(t, [{ status }]);
    finish(tracer, 'a');
    await tracer.close();
    assert.deepEqual(
      [names(collector), counts()],
      [
        [['a'], ['a']],
        [1, 0, 0],
      ],
    );
    assert.deepEqual(errors, [
      `spoor: the collector at ${collector.url}/v1/traces answered with ${status}; spans are sent again later.`,
    ]);
  });
}

test('a collector that says when to come back is left alone until then, and gets everything', async (t) => {
  const { tracer, collector, counts } = await start(
    t,
    [{ status: 429, headers: { 'retry-after': '1' } }],
    { flushIntervalMs: 20 },
  );
  finish(tracer, 'a');
  await collector.received(1);
  finish(tracer, 'b');
  const [refused, again] = await collector.received(3);
  assert.deepEqual(names(collector), [['a'], ['a'], ['b']]);
  assert.ok(again!.atMs - refused!.atMs >= 990, String(again!.atMs - refused!.atMs));
  await tracer.flush();
  assert.deepEqual(counts(), [2, 0, 0]);
});

/** google.rpc.Status: a code, and a message. */
const status400 = Buffer.from('\x08\x03\x12\x08bad span', 'latin1');
for (const [answer, advice] of [
  [{ status: 400, body: status400 }, 'It says "bad span".'],
  [
    { status: 400, body: Buffer.from('<html>') },
    'Write the URL of a collector that takes OTLP in protobuf.',
  ],
  [
    { status: 401, body: Buffer.of() },
    'Check OTEL_EXPORTER_OTLP_HEADERS, JAEGER_REPORTER_HEADERS or JAEGER_AUTH_TOKEN.',
  ],
  [
    { status: 404, body: Buffer.from('404 page not found') },
    'Write its whole URL: that of an OTLP collector ends in /v1/traces, which is added to OTEL_EXPORTER_OTLP_ENDPOINT and to nothing else.',
  ],
  [{ status: 408, body: Buffer.of() }, 'Its own log may say why.'],
  [{ status: 500, body: Buffer.of() }, 'Its own log may say why.'],
  [
    { status: 308, headers: { location: 'https://elsewhere.test/v1/traces' } },
    'It redirects: write https://elsewhere.test/v1/traces instead.',
  ],
] as const) {
  test(`what is answered with ${answer.status} is lost and counted: ${advice}`, async (t) => {
    const { tracer, collector, errors, counts } = await start(t, [answer]);
    finish(tracer, 'a', 'b');
    await tracer.flush();
    finish(tracer, 'c');
    await tracer.flush();
    assert.deepEqual(
      [names(collector), counts()],
      [
        [['a', 'b'], ['c']],
        [1, 2, 0],
      ],
    );
    assert.deepEqual(errors, [
      `spoor: the collector at ${collector.url}/v1/traces answered with ${answer.status}; 2 spans are lost. ${advice}`,
    ]);
  });
}

test('spans that a collector rejects of a batch that it takes are counted as lost, told, and not sent again', async (t) => {
  const partialSuccess = { rejectedSpans: 2, errorMessage: 'too old' };
  const { tracer, collector, errors, counts } = await start(t, [{ partialSuccess }]);
  finish(tracer, 'a', 'b', 'c');
  await tracer.close();
  assert.deepEqual([names(collector), counts()], [[['a', 'b', 'c']], [1, 2, 0]]);
  assert.deepEqual(errors, [
    `spoor: the collector at ${collector.url}/v1/traces took 1 of 3 spans, and says "too old".`,
  ]);
});

test('a warning of a collector that takes all is told', async (t) => {
  const partialSuccess = { rejectedSpans: 0, errorMessage: 'old version' };
  const { tracer, collector, errors, counts } = await start(t, [{ partialSuccess }]);
  finish(tracer, 'a');
  await tracer.flush();
  assert.deepEqual(counts(), [1, 0, 0]);
  assert.deepEqual(errors, [
    `spoor: the collector at ${collector.url}/v1/traces took 1 of 1 spans, and says "old version".`,
  ]);
});

for (const [title, body] of [
  ['nothing', Buffer.of()],
  ['an empty partial success', Buffer.of(0x0a, 0)],
  ['a text', Buffer.from('OK')],
  ['half a message', Buffer.of(0x0a, 0x7f, 1)],
  ['a length without end', Buffer.alloc(100, 0xff)],
  ['a megabyte', Buffer.alloc(1024 * 1024, 1)],
] as const) {
  test(`an answer of 200 with ${title} in it means that all was taken`, async (t) => {
    const { tracer, errors, counts } = await start(t, [{ body }]);
    finish(tracer, 'a');
    await tracer.flush();
    assert.deepEqual([counts(), errors], [[1, 0, 0], []]);
  });
}

test('a collector that rejects more spans than it got loses no more than that', async (t) => {
  const partialSuccess = { rejectedSpans: 9, errorMessage: '' };
  const { tracer, collector, errors, counts } = await start(t, [{ partialSuccess }]);
  finish(tracer, 'a', 'b');
  await tracer.flush();
  assert.deepEqual(counts(), [0, 2, 0]);
  assert.deepEqual(errors, [
    `spoor: the collector at ${collector.url}/v1/traces took 0 of 2 spans, and does not say why.`,
  ]);
});

test('whatever a collector answers, what it has not taken is a count of the spans of the batch', async (t) => {
  let body: Uint8Array = Buffer.of();
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end(body));
  });
  const { transport } = otlpSender({ url: await listen(t, server) });
  t.after(() => transport.close());
  const batch = { bytes: Buffer.from('x'), spanCount: 5 };
  const bytes = fc.uint8Array({ maxLength: 40 });
  const reason = Buffer.from('\x12\x02no', 'latin1');
  // Whole garbage, and garbage where the partial success and its count are.
  const answer = fc.oneof(
    bytes,
    bytes.map((field) => Buffer.concat([Buffer.of(0x0a, field.length), field])),
    bytes.map((field) => {
      const count = Buffer.concat([Buffer.of(0x0a, field.length), field, reason]);
      return Buffer.concat([Buffer.of(0x0a, count.length), count]);
    }),
  );
  await fc.assert(
    fc.asyncProperty(answer, async (given) => {
      body = given;
      const outcome = await transport.send(batch);
      if (outcome === 'accepted') return;
      const { rejectedSpans } = outcome as PartlyAccepted;
      assert.ok(Number.isInteger(rejectedSpans) && rejectedSpans > 0 && rejectedSpans <= 5);
    }),
    { numRuns: 300 },
  );
});

test('what is too large for a collector arrives in smaller requests', async (t) => {
  const { tracer, collector, counts } = await start(t, [{ status: 413 }]);
  const all = Array.from({ length: 100 }, (_, i) => `span ${i}`);
  finish(tracer, ...all);
  await tracer.close();
  assert.deepEqual(names(collector).slice(1).flat(), all);
  assert.deepEqual([names(collector).length, counts()], [3, [100, 0, 0]]);
});

test('spans wait for a collector that is not there, and the line about it shows no secret', async (t) => {
  const logger = new RecordedLog();
  const { transport } = otlpSender({
    url: 'http://user:secret@127.0.0.1:1/v1/traces?key=secret',
    headers: { 'x-api-key': 'secret' },
    faults: new FaultLog(logger),
  });
  t.after(() => transport.close());
  assert.equal(await transport.send({ bytes: Buffer.from('x'), spanCount: 1 }), 'retry');
  assert.deepEqual(logger.errors, [
    'spoor: the collector at http://127.0.0.1:1/v1/traces cannot be reached (connect ECONNREFUSED 127.0.0.1:1); spans are kept as long as there is room. Set JAEGER_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT if it is elsewhere.',
  ]);
  assert.equal(String(transport), 'HttpTransport(http://127.0.0.1:1/v1/traces)');
});

test('headers of your own go with each request', async (t) => {
  const headers = { 'x-api-key': 'k', 'user-agent': 'mine' };
  const { tracer, collector } = await start(t, [], { headers });
  for (const name of ['a', 'b']) {
    finish(tracer, name);
    await tracer.flush();
  }
  const sent = collector.posts.map((post) => [
    post.headers['x-api-key'],
    post.headers['user-agent'],
  ]);
  assert.deepEqual(sent, [
    ['k', 'mine'],
    ['k', 'mine'],
  ]);
});

test('a reporter is refused what it cannot mean', () => {
  for (const [options, message] of [
    [{ url: 'http://localhost' }, /^otlpReporter\.url: unknown option\./],
    [
      { endpoint: 'localhost:4318' },
      /^otlpReporter\.endpoint: expected a URL, got "localhost:4318"\. Write http:\/\/localhost:4318\/v1\/traces\.$/,
    ],
    [{ endpoint: '' }, /^otlpReporter\.endpoint: expected a URL, got ""\./],
    [
      { endpoint: 'http://user:50%@localhost' },
      /^otlpReporter\.endpoint: the credentials in the URL cannot be decoded\./,
    ],
    [
      { headers: { 'x key': 'secret' } },
      /^otlpReporter\.headers: "x key" or its value cannot be sent\. Write \{ 'x-tenant': 'orders' \}\.$/,
    ],
    [{ headers: 'x-key=1' }, /^otlpReporter\.headers: expected an object, got "x-key=1"\./],
    [
      { timeoutMs: -1 },
      /^otlpReporter\.timeoutMs: expected a whole number from 1 to 600000, got -1\./,
    ],
    [{ flushIntervalMs: Number.NaN }, /^otlpReporter\.flushIntervalMs: expected a whole number/],
    [
      { maxBatchBytes: 2 ** 31 },
      /^otlpReporter\.maxBatchBytes: expected a whole number from 1000 to 20971520, got 2147483648\. Write 262144, /,
    ],
    [{ maxQueueSpans: 0 }, /^otlpReporter\.maxQueueSpans: expected a whole number from 1/],
    [{ logger: {} }, /^otlpReporter\.logger: expected an object with error\(\), got \{\}\./],
  ] as const) {
    assert.throws(() => otlpReporter(options as OtlpReporterOptions), {
      code: 'SPOOR_CONFIG',
      message,
    });
  }
});
