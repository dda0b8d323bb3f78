import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type BaggageRestriction,
  type BaggageRestrictions,
  DefaultBaggageRestrictions,
  initTracer,
  RemoteBaggageRestrictions,
  type RemoteBaggageRestrictionsOptions,
  type Span,
} from '@spoor/core';
import { startSamplingServer } from '@spoor/testing';
import {
  createTestTracer,
  RecordedLog,
  RecordedMetrics,
  runScript,
  setEnvironment,
  type TestTracer,
  unusedPort,
} from './helpers.js';

const updates = 'jaeger:baggage_restrictions_updates';

/** Allows values of up to three characters, under keys that do not start with `no`. */
const short: BaggageRestrictions = {
  getRestriction: (_service, key) => ({ keyAllowed: !key.startsWith('no'), maxValueLength: 3 }),
};

/** Restrictions that are asked for when the test says so, and a tracer that uses them. */
function create(
  t: TestContext,
  url: string,
  options: RemoteBaggageRestrictionsOptions = {},
): TestTracer & { restrictions: RemoteBaggageRestrictions } {
  const restrictions = new RemoteBaggageRestrictions({ url, refreshIntervalMs: 0, ...options });
  const all = createTestTracer({ baggageRestrictions: restrictions });
  t.after(() => all.tracer.close());
  return { restrictions, ...all };
}

/** What of these items a new span keeps. */
function kept({ tracer }: Pick<TestTracer, 'tracer'>, ...keys: string[]): Record<string, string> {
  const span = tracer.startSpan('charge');
  for (const key of keys) span.setBaggageItem(key, 'value');
  return { ...span.baggage };
}

const listed = [
  { baggageKey: 'user', maxValueLength: 3 },
  { baggageKey: 'Request_ID', maxValueLength: 5000 },
];

test('what the restrictions refuse is not set, what is too long is cut; both are logged and counted', () => {
  const { tracer, reporter, metrics } = createTestTracer({ baggageRestrictions: short });
  const span = tracer.startSpan('charge');
  span.setBaggageItem('User', 'anna').setBaggageItem('nobody', 'jo').setBaggageItem('user', 'jo');
  assert.deepEqual({ ...span.baggage }, { user: 'jo' });
  span.finish();
  assert.deepEqual(
    reporter.spans[0]?.logs.map(({ fields }) => fields),
    [
      { event: 'baggage', key: 'user', value: 'ann', truncated: 'true' },
      { event: 'baggage', key: 'nobody', value: 'jo', invalid: 'true' },
      { event: 'baggage', key: 'user', value: 'jo', override: 'true' },
    ],
  );
  assert.deepEqual(
    [
      metrics.counts['jaeger:baggage_updates result=ok'],
      metrics.counts['jaeger:baggage_updates result=err'],
      metrics.counts['jaeger:baggage_truncations'],
    ],
    [2, 1, 1],
  );
});

test('items that came from elsewhere are not asked about, stay when refused, and can be removed', () => {
  const { tracer } = createTestTracer({ baggageRestrictions: short });
  const context = tracer.extract('text_map', { 'uber-trace-id': '1:2:0:1', 'uberctx-no': 'long' })!;
  const span = tracer.startSpan('charge', { childOf: context });
  assert.equal(span.setBaggageItem('no', 'x').getBaggageItem('no'), 'long');
  assert.equal(span.setBaggageItem('no', null).getBaggageItem('no'), undefined);
});

test('restrictions are asked with the name of the service and the normalised key', () => {
  const asked: string[] = [];
  const getRestriction = (service: string, key: string): BaggageRestriction => {
    asked.push(`${service} ${key}`);
    return { keyAllowed: true, maxValueLength: 10_000 };
  };
  const { tracer } = createTestTracer({ baggageRestrictions: { getRestriction } });
  const span = tracer.startSpan('charge').setBaggageItem('SOME_Key', 'x'.repeat(5000));
  assert.deepEqual(asked, ['orders some-key']);
  assert.equal(span.getBaggageItem('some-key')?.length, 2048);
});

test('the default restrictions allow every key, with a length that can be given', () => {
  const { tracer } = createTestTracer({ baggageRestrictions: new DefaultBaggageRestrictions(2) });
  assert.deepEqual(kept({ tracer }, 'a', 'b'), { a: 'va', b: 'va' });
});

test('restrictions that throw, or answer nonsense, allow the item and are logged', () => {
  const answers = [undefined, {}, { keyAllowed: true }, { keyAllowed: true, maxValueLength: -1 }];
  const functions = answers.map((answer) => () => answer as BaggageRestriction);
  const fail = () => {
    throw new Error('broken');
  };
  for (const getRestriction of [...functions, fail]) {
    const { tracer, log } = createTestTracer({ baggageRestrictions: { getRestriction } });
    assert.deepEqual(kept({ tracer }, 'a', 'b'), { a: 'value', b: 'value' });
    assert.equal(log.errors.length, 1);
    assert.match(
      log.errors[0]!,
      /^spoor: the baggage restrictions failed: .*\. The item is allowed\.$/,
    );
  }
});

test('a server says which keys may be set, and how long their values may be', async (t) => {
  const server = await startSamplingServer(t, listed);
  const all = create(t, `${server.url}?zone=a`);
  assert.deepEqual(kept(all, 'user', 'other'), { user: 'value', other: 'value' });
  await all.restrictions.refresh();
  assert.deepEqual(server.requests, ['/sampling?zone=a&service=orders']);
  assert.equal(server.headers['uber-trace-id'], undefined);
  assert.deepEqual(kept(all, 'user', 'REQUEST-id', 'other'), {
    user: 'val',
    'request-id': 'value',
  });
  assert.equal(all.metrics.counts[`${updates} result=ok`], 1);

  server.answer([]);
  await all.restrictions.refresh();
  assert.deepEqual(kept(all, 'user', 'other'), {});
});

test('before the first answer every item is refused, where that is wanted', async (t) => {
  const server = await startSamplingServer(t, listed);
  const all = create(t, server.url, { denyBaggageOnInitializationFailure: true });
  assert.deepEqual(kept(all, 'user'), {});
  await all.restrictions.refresh();
  assert.deepEqual(kept(all, 'user'), { user: 'val' });
});

test('an answer that is not understood is counted and logged, and the last one holds', async (t) => {
  const answers = [
    'junk',
    '{}',
    'null',
    '[null]',
    '[{"baggageKey":"a"}]',
    '[{"baggageKey":1,"maxValueLength":1}]',
    '[{"baggageKey":"a","maxValueLength":-1}]',
    '[{"baggageKey":"a","maxValueLength":"2"}]',
    JSON.stringify([{ baggageKey: 'x'.repeat(2 ** 20), maxValueLength: 1 }]),
  ];
  const server = await startSamplingServer(t, listed);
  const all = create(t, server.url);
  await all.restrictions.refresh();
  for (const [index, answer] of answers.entries()) {
    server.answer(answer);
    await all.restrictions.refresh();
    assert.equal(all.metrics.counts[`${updates} result=err`], index + 1);
  }
  server.answer((_request, response) => response.writeHead(404).end('[]'));
  await all.restrictions.refresh();
  assert.equal(all.metrics.counts[`${updates} result=err`], answers.length + 1);
  assert.deepEqual(kept(all, 'user', 'other'), { user: 'val' });
  assert.equal(all.log.errors.length, 1);
  assert.match(
    all.log.errors[0]!,
    /^spoor: no baggage restrictions from http:\/\/127\.0\.0\.1:\d+\/sampling: Unexpected token.*; those that came last hold on\. Leave the option baggageRestrictions out, if no server has any\.$/,
  );
});

test('without a server it is logged what holds until there is one', async (t) => {
  for (const [isDenied, word] of [
    [false, 'allowed'],
    [true, 'refused'],
  ] as const) {
    const url = `http://127.0.0.1:${await unusedPort()}/baggageRestrictions`;
    const all = create(t, url, { denyBaggageOnInitializationFailure: isDenied });
    await all.restrictions.refresh();
    assert.match(all.log.errors[0]!, /ECONNREFUSED/);
    assert.ok(all.log.errors[0]!.includes(`; every item is ${word} until there are some.`));
  }
});

test('the server is asked right after the start and again and again, until the tracer is closed', async (t) => {
  const server = await startSamplingServer(t, listed);
  const { tracer, log } = create(t, server.url, { refreshIntervalMs: 5 });
  await server.asked(3);
  let requests: (() => void) | undefined;
  const arrived = new Promise<void>((resolve) => {
    requests = resolve;
  });
  // Never answered: the query is on its way when the tracer is closed.
  server.answer(() => requests?.());
  await arrived;
  await tracer.close();
  assert.deepEqual(log.errors, []);
});

test('a process ends while a server keeps it waiting', async (t) => {
  const server = await startSamplingServer(t, () => {});
  const script = `
    import { initTracer } from '@spoor/core';
    initTracer(
      { serviceName: 'orders', sampler: { type: 'const', param: 1 }, baggageRestrictions: { hostPort: '127.0.0.1:${server.port}' } },
    );
    process.stdin.resume();
  `;
  const { elapsedMs, stderr } = await runScript(script, { inputEnds: server.asked(1) });
  assert.deepEqual(server.requests, ['/baggageRestrictions?service=orders']);
  assert.ok(elapsedMs < 4500, `took ${elapsedMs} ms`);
  assert.equal(stderr, '');
});

test('an address that is none is refused', () => {
  assert.throws(() => new RemoteBaggageRestrictions({ url: 'localhost:5778' }), {
    code: 'SPOOR_CONFIG',
    message:
      'RemoteBaggageRestrictions: expected an http URL, got "localhost:5778". Write http://localhost:5778/baggageRestrictions.',
  });
});

test('the server is asked for where the configuration has an object for it, even an empty one', async (t) => {
  setEnvironment(t, { JAEGER_AGENT_HOST: '127.0.0.1' });
  const server = await startSamplingServer(t, listed);
  const metrics = new RecordedMetrics();
  const logger = new RecordedLog();
  const config = { serviceName: 'orders', sampler: { type: 'const', param: 1 } } as const;
  const span = (baggageRestrictions?: object, options = {}): Span => {
    const all = { metrics, logger, ...options };
    const tracer = initTracer({ ...config, baggageRestrictions }, all);
    t.after(() => tracer.close());
    return tracer.startSpan('charge').setBaggageItem('user', 'anna');
  };
  assert.equal(span().getBaggageItem('user'), 'anna');
  assert.equal(span({}).getBaggageItem('user'), 'anna');
  const denied = { denyBaggageOnInitializationFailure: true };
  assert.equal(span(denied).getBaggageItem('user'), undefined);
  const given = { baggageRestrictions: short };
  assert.equal(span(denied, given).getBaggageItem('user'), 'ann');

  const { port } = server;
  span({ hostPort: `127.0.0.1:${port}`, refreshIntervalMs: '5ms' });
  await server.asked(2);
  span({ hostPort: `http://127.0.0.1:${port}/elsewhere` });
  await server.asked(server.requests.length + 1);
  assert.ok(server.requests.includes('/baggageRestrictions?service=orders'));
});
