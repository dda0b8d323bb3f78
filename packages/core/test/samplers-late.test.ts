import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConstSampler,
  type LateSampler,
  type SamplingDecision,
  Tracer,
  type TracerOptions,
} from '@spoor/core';
import { createTestTracer, type TestTracer } from './helpers.js';

const undecided: SamplingDecision = { sample: false, retryable: true };
const no: SamplingDecision = { sample: false, retryable: false };
const yes: SamplingDecision = { sample: true, retryable: false, tags: ['sampler.type', 'late'] };

interface Asked {
  tracer: Tracer;
  reporter: TestTracer['reporter'];
  log: TestTracer['log'];
  metrics: TestTracer['metrics'];
  /** What the sampler was asked, as words. */
  events: string[];
}

/** A sampler that is undecided but where `answers` says otherwise, by event or by event and name. */
function createLateTracer(
  answers: Record<string, SamplingDecision>,
  options: TracerOptions = {},
): Asked {
  const events: string[] = [];
  const answer = (event: string, name: string): SamplingDecision => {
    events.push(`${event} ${name}`);
    return answers[`${event} ${name}`] ?? answers[event] ?? undecided;
  };
  const sampler: LateSampler = {
    onCreateSpan: (span) => answer('create', span.operationName),
    onSetOperationName: (_span, name) => answer('name', name),
    onSetTag: (_span, key, value) => answer('tag', `${key}=${value}`),
    onFinishSpan: (span) => answer('finish', span.operationName),
  };
  return { ...createTestTracer({ sampler, ...options }), events };
}

function reported({ reporter }: Pick<TestTracer, 'reporter'>): [string, object][] {
  return reporter.spans.map(({ operationName, tags }) => [operationName, tags]);
}

test('a late sampler is asked at every event of every span, until it has decided', () => {
  const { tracer, events } = createLateTracer({ 'tag decide=1': no });
  const root = tracer.startSpan('root', { tags: { a: 1, b: 2 } });
  const child = tracer.startSpan('child', { childOf: root });
  root.setOperationName('renamed').setTag('c', 3).addTags({ d: 4, e: 5 });
  root.setTag('decide', 1);
  root.setTag('f', 6).addTags({ g: 7 }).setOperationName('again');
  tracer.startSpan('late child', { childOf: child }).finish();
  child.finish();
  root.finish();
  assert.deepEqual(events, [
    ...['create root', 'tag a=1', 'tag b=2', 'create child', 'name renamed', 'tag c=3'],
    ...['tag d=4', 'tag e=5', 'tag decide=1'],
  ]);
});

test('a final no at the start leaves a span that keeps nothing', () => {
  const asked = createLateTracer({ create: no });
  const span = asked.tracer.startSpan('root', { tags: { a: 1 } });
  assert.deepEqual([span.isWritable(), span.isUndecided(), span.tags], [false, false, []]);
  span.setTag('b', 2).log({ event: 'c' });
  assert.deepEqual([span.tags, span.logs], [[], undefined]);
  span.finish();
  assert.deepEqual(reported(asked), []);
  assert.deepEqual(asked.events, ['create root']);
});

test('a late yes keeps start time, tags and logs from before it', (t) => {
  const asked = createLateTracer({ 'tag user=test': yes });
  let nowMs = 1000;
  t.mock.method(asked.tracer.clock, 'monotonicMs', () => nowMs);
  asked.tracer.clock.wallOffsetMs = 50_000;
  const span = asked.tracer.startSpan('root', { tags: { first: 1 } });
  assert.deepEqual([span.isSampled(), span.isWritable(), span.isUndecided()], [false, true, true]);
  span.log({ event: 'early' }, 51_001).setBaggageItem('k', 'v');
  nowMs = 1500;
  span.setTag('user', 'test').setTag('last', 2);
  assert.deepEqual([span.isSampled(), span.isWritable(), span.isUndecided()], [true, true, false]);
  nowMs = 1750;
  span.finish();

  const [sent] = asked.reporter.spans;
  assert.deepEqual([sent?.startTimeMs, sent?.durationMs], [51_000, 750]);
  assert.deepEqual(
    sent?.logs.map(({ fields }) => fields.event),
    ['early', 'baggage'],
  );
  assert.equal(sent?.logs[0]?.timestampMs, 51_001);
  assert.equal(sent?.context.flags, 1);
  // The tag is stored before the sampler is asked, so its own tags follow.
  assert.deepEqual(Object.entries(sent?.tags ?? {}), [
    ['first', 1],
    ['user', 'test'],
    ['sampler.type', 'late'],
    ['last', 2],
  ]);
});

test('an explicit start time holds for a span that is sampled late', () => {
  const asked = createLateTracer({ name: yes });
  asked.tracer.startSpan('root', { startTime: 1000 }).setOperationName('b').finish(1250);
  const [sent] = asked.reporter.spans;
  assert.deepEqual([Math.round(sent!.startTimeMs), Math.round(sent!.durationMs)], [1000, 250]);
});

test('a yes about a child keeps its open parents, and the tags of the sampler are on the child', () => {
  const asked = createLateTracer({ 'tag user=test': yes });
  const root = asked.tracer.startSpan('root', { tags: { a: 1 } });
  const child = asked.tracer.startSpan('child', { childOf: root });
  const grandchild = asked.tracer.startSpan('grandchild', { childOf: child.context() });
  grandchild.setTag('user', 'test').finish();
  assert.deepEqual([root.isSampled(), child.isSampled(), root.flags], [true, true, 1]);
  child.finish();
  root.finish();
  assert.deepEqual(reported(asked), [
    ['grandchild', { user: 'test', 'sampler.type': 'late' }],
    ['child', {}],
    ['root', { a: 1 }],
  ]);
});

test('children that start after the yes are sampled, those that finished before it are lost', () => {
  const asked = createLateTracer({ 'tag user=test': yes });
  const root = asked.tracer.startSpan('root');
  const early = asked.tracer.startSpan('early', { childOf: root });
  early.setTag('a', 1).finish();
  assert.deepEqual([early.tags, early.isWritable()], [[], false]);
  root.setTag('user', 'test');
  asked.tracer.startSpan('later', { childOf: root }).finish();
  root.finish();
  assert.deepEqual(
    reported(asked).map(([name]) => name),
    ['later', 'root'],
  );
  assert.equal(asked.metrics.counts['jaeger:finished_spans'], 2);
});

test('a span that finishes undecided is neither reported nor counted', () => {
  const asked = createLateTracer({});
  asked.tracer.startSpan('root', { tags: { a: 1 } }).finish();
  assert.deepEqual(reported(asked), []);
  assert.deepEqual(asked.metrics.counts, {
    'jaeger:started_spans sampled=n': 1,
    'jaeger:traces state=started sampled=n': 1,
  });
  assert.equal(asked.events.at(-1), 'finish root');
});

test('a sampler can still say yes when a span finishes', () => {
  const asked = createLateTracer({ 'finish slow': yes });
  const root = asked.tracer.startSpan('root', { tags: { a: 1 } });
  asked.tracer.startSpan('fast', { childOf: root }).finish();
  asked.tracer.startSpan('slow', { childOf: root }).setTag('b', 2).finish();
  root.finish();
  assert.deepEqual(reported(asked), [
    ['slow', { b: 2, 'sampler.type': 'late' }],
    ['root', { a: 1 }],
  ]);
});

test('injecting, starting a child and finishing decide nothing', () => {
  const { tracer, events } = createLateTracer({});
  const root = tracer.startSpan('root');
  const carrier: Record<string, string> = {};
  tracer.inject(root, 'text_map', carrier);
  assert.equal(carrier['uber-trace-id'], String(root));
  assert.match(String(root), /:0$/);
  tracer.startSpan('child', { childOf: root }).finish();
  assert.equal(root.isUndecided(), true);
  root.finish();
  assert.equal(root.isUndecided(), true);
  // Even after that a child may start, and is asked about.
  tracer.startSpan('after', { childOf: root });
  assert.equal(events.at(-1), 'create after');
});

test('a yes that may be repeated keeps the trace and goes on asking; a later no takes nothing back', () => {
  const first = { ...yes, retryable: true };
  const asked = createLateTracer({ create: first, name: no });
  const root = asked.tracer.startSpan('root');
  assert.deepEqual([root.isSampled(), root.isUndecided()], [true, true]);
  root.setOperationName('renamed');
  assert.deepEqual([root.isSampled(), root.isUndecided()], [true, false]);
  root.finish();
  assert.deepEqual(reported(asked), [['renamed', { 'sampler.type': 'late' }]]);
});

test('under a remote parent nothing is asked', () => {
  for (const flags of [0, 1]) {
    const { tracer, events } = createLateTracer({ create: yes });
    const childOf = tracer.extract('text_map', { 'uber-trace-id': `1:2:0:${flags}` });
    const span = tracer.startSpan('server', { childOf });
    span.setTag('a', 1).setOperationName('b');
    assert.deepEqual(
      [span.isSampled(), span.isUndecided(), span.isLocalRoot()],
      [flags === 1, false, true],
    );
    assert.deepEqual(events, []);
  }
});

test('a firehose decision sets its flag, which children and other processes get', () => {
  const asked = createLateTracer({ 'tag user=test': { ...yes, firehose: true } });
  const root = asked.tracer.startSpan('root');
  root.setTag('user', 'test');
  assert.deepEqual([root.flags, asked.tracer.startSpan('c', { childOf: root }).flags], [9, 9]);
  assert.match(String(root.context()), /:9$/);
});

test('a context that was taken early follows the decision', () => {
  const { tracer } = createLateTracer({ 'tag user=test': yes });
  const root = tracer.startSpan('root');
  const context = root.context();
  assert.equal(context.isSampled(), false);
  root.setTag('user', 'test');
  assert.equal(context.isSampled(), true);
  assert.equal(tracer.startSpan('child', { childOf: context }).isSampled(), true);
});

test('a late sampler that throws decides nothing, is logged once and breaks nothing', () => {
  const fail = (): never => {
    throw new Error('no strategy yet');
  };
  const sampler = { onCreateSpan: fail, onSetOperationName: fail, onSetTag: fail };
  const { tracer, reporter, log } = createTestTracer({ sampler });
  tracer
    .startSpan('a', { tags: { b: 1 } })
    .setOperationName('c')
    .setTag('d', 1)
    .finish();
  assert.deepEqual(reporter.spans, []);
  assert.deepEqual(log.errors, ['spoor: the sampler threw: no strategy yet. Not sampled.']);
});

test('starting and closing the tracer starts and closes the sampler', async () => {
  const calls: string[] = [];
  const sampler = {
    ...{ onCreateSpan: () => no, onSetOperationName: () => no, onSetTag: () => no },
    start: (context: { process: { serviceName: string } }) => {
      calls.push(`start ${context.process.serviceName}`);
    },
    close: () => {
      calls.push('close');
    },
  };
  const { tracer } = createTestTracer({ sampler });
  await Promise.all([tracer.close(), tracer.close()]);
  assert.deepEqual(calls, ['start orders', 'close']);
});

test('a trace of another tracer goes on under its decision', () => {
  const late = createLateTracer({ 'tag user=test': yes });
  const other = new Tracer('other', { sampler: new ConstSampler(false) });
  const root = late.tracer.startSpan('root');
  const child = other.startSpan('child', { childOf: root });
  child.setOperationName('renamed').setTag('a', 1);
  root.setTag('user', 'test');
  assert.deepEqual([child.isSampled(), child.tags], [true, ['a', 1]]);
});

test('a span in JSON has no cycle', () => {
  const { tracer } = createLateTracer({});
  const span = tracer.startSpan('root');
  assert.equal(JSON.parse(JSON.stringify(span)).operationName, 'root');
});
