import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import {
  ConstSampler,
  InMemoryReporter,
  initTracer,
  type LateSampler,
  type Observer,
  type Span,
  type SpanObserver,
  type StartSpanOptions,
  type TracerOptions,
} from '@spoor/core';
import { createTestTracer, RecordedLog, setEnvironment, type TestTracer } from './helpers.js';

/** Writes down what it is told, span by span, as words. */
class Witness implements Observer {
  readonly events: string[] = [];

  onStartSpan(_span: Span, operationName: string, { tags }: StartSpanOptions): SpanObserver {
    const say = (event: string): void => void this.events.push(`${operationName}: ${event}`);
    say(`start ${JSON.stringify(tags)}`);
    return {
      onSetOperationName: (name) => say(`name ${name}`),
      onSetTag: (key, value) => say(`tag ${key}=${value}`),
      onFinish: () => say('finish'),
    };
  }
}

function observed(observer: Observer, options: TracerOptions = {}): TestTracer {
  return createTestTracer({ observers: [observer], ...options });
}

for (const isSampled of [true, false]) {
  test(`an observer is told of each event of a span that is ${isSampled ? '' : 'not '}sampled`, () => {
    const witness = new Witness();
    const { tracer } = observed(witness, { sampler: new ConstSampler(isSampled) });
    const root = tracer.startSpan('root', { tags: { 'span.kind': 'server' } });
    const child = tracer.startSpan('child', { childOf: root });
    root.setOperationName('renamed').setTag('a', 1).addTags({ b: 2, 'sampling.priority': 0 });
    child.log({ event: 'nobody is told' });
    child.setBaggageItem('key', 'value');
    child.finish();
    root.finish();
    assert.deepEqual(witness.events, [
      'root: start {"span.kind":"server"}',
      'child: start undefined',
      'root: name renamed',
      'root: tag a=1',
      'root: tag sampling.priority=0',
      'root: tag b=2',
      'child: finish',
      'root: finish',
    ]);
  });
}

test('an observer sees the span as it was started, and as it is after each event', () => {
  const seen: unknown[] = [];
  const { tracer } = observed({
    onStartSpan(span, _operationName, { startTime }) {
      seen.push([span.isSampled(), span.tags, startTime]);
      return {
        onSetOperationName: () => void seen.push(span.operationName),
        onSetTag: () => void seen.push([...span.tags]),
        onFinish: (finishTimeMs) => void seen.push([...span.tags, finishTimeMs]),
      };
    },
  });
  const span = tracer.startSpan('a', { tags: { x: 1 }, startTime: new Date(5000) });
  span.setOperationName('b').setTag('y', 2).finish(5250.5);
  assert.deepEqual(seen, [
    [true, ['x', 1, 'y', 2], 5000],
    'b',
    ['x', 1, 'y', 2],
    ['x', 1, 'y', 2, 5250.5],
  ]);
});

test('a span that is not sampled is writable as long as somebody wants its tags, and keeps nothing', () => {
  const { tracer, reporter } = observed(new Witness(), { sampler: new ConstSampler(false) });
  const span = tracer.startSpan('a', { tags: { x: 1 } });
  assert.equal(span.isWritable(), true);
  span.setTag('y', 2).addTags({ z: 3 }).log({ event: 'e' });
  span.setBaggageItem('key', 'value');
  assert.deepEqual([span.tags, span.logs, span.getBaggageItem('key')], [[], undefined, 'value']);
  span.finish();
  assert.equal(span.isWritable(), false);
  assert.deepEqual(reporter.spans, []);
});

test('a span whose tags no observer wants is described as any other', () => {
  const events: string[] = [];
  const observers: Observer[] = [
    { onStartSpan: () => void events.push('start') as undefined },
    { onStartSpan: () => ({ onFinish: () => void events.push('finish') }) },
  ];
  const { tracer } = createTestTracer({ observers, sampler: new ConstSampler(false) });
  const span = tracer.startSpan('a');
  assert.equal(span.isWritable(), false);
  span.setTag('x', 1).setOperationName('b').finish();
  assert.deepEqual(events, ['start', 'finish']);
});

test('a span is reported as it is without observers', () => {
  const failing = Object.defineProperty({ before: 1, after: 2 }, 'failing', {
    enumerable: true,
    get() {
      throw new Error('no such field');
    },
  });
  const spans = [[], [new Witness()]].map((observers) => {
    const { tracer, reporter } = createTestTracer({ observers });
    const span = tracer.startSpan('a', { tags: { x: 1, 'sampling.priority': 1 }, startTime: 1000 });
    span.setTag('x', 2).addTags({ y: { deep: 1 }, __proto__: { inherited: 1 } });
    span.addTags(failing).addTags('no object' as unknown as object);
    span
      .addTags(null as unknown as object)
      .log({ event: 'e' }, 1500)
      .setOperationName('b');
    span.finish(2000);
    const { operationName, tags, logs, durationMs } = reporter.spans[0]!;
    return { operationName, tags: Object.entries(tags), logs, durationMs };
  });
  assert.deepEqual(spans[1], spans[0]);
  assert.equal(spans[0]!.tags.length, 5);
});

test('a sampler that decides late is asked about observed spans as about others', () => {
  const asked: string[] = [];
  const no = { sample: false, retryable: true };
  const sampler: LateSampler = {
    onCreateSpan: () => no,
    onSetOperationName: (_span, name) => {
      asked.push(name);
      return no;
    },
    onSetTag: (_span, key) => {
      asked.push(key);
      return { sample: key === 'vip', retryable: true };
    },
  };
  const { tracer, reporter } = observed(new Witness(), { sampler });
  const span = tracer.startSpan('a', { tags: { x: 1 } });
  span.setOperationName('b').addTags({ y: 2, vip: true }).finish();
  assert.deepEqual(asked, ['x', 'b', 'y', 'vip']);
  assert.deepEqual(reporter.spans[0]?.tags, { x: 1, y: 2, vip: true });
});

test('after its finish nobody is told of a span any more', () => {
  const witness = new Witness();
  const { tracer, log } = observed(witness);
  const span = tracer.startSpan('a');
  span.finish();
  span.setTag('late', 1).addTags({ later: 2 }).setOperationName('b').finish();
  assert.deepEqual(witness.events, ['a: start undefined', 'a: finish']);
  assert.equal(log.errors.length, 2);
});

test('the duration that an observer is told of is true, whatever is done to the wall clock meanwhile', (t) => {
  let durationMs: number | undefined;
  const { tracer } = observed({
    onStartSpan: (_span, _operationName, { startTime }) => ({
      onFinish(finishTimeMs) {
        durationMs = finishTimeMs - startTime;
      },
    }),
  });
  const span = tracer.startSpan('a');
  mock.method(Date, 'now', () => performance.timeOrigin + performance.now() + 3_600_000);
  t.after(() => mock.restoreAll());
  tracer.clock.followWallClock();
  span.finish();
  assert.ok(durationMs! >= 0 && durationMs! < 1000, String(durationMs));
});

test('an observer that throws is logged once in a while; the span and the other observers go on', () => {
  const fail = (): never => {
    throw new Error('out of order');
  };
  const witness = new Witness();
  const broken: Observer = {
    onStartSpan: () => ({ onSetOperationName: fail, onSetTag: fail, onFinish: fail }),
  };
  const { tracer, reporter, log } = createTestTracer({
    observers: [{ onStartSpan: fail }, broken, witness],
  });
  for (const name of ['a', 'b']) {
    tracer.startSpan(name).setOperationName(`${name}2`).setTag('x', 1).finish();
  }
  assert.deepEqual(
    reporter.spans.map(({ operationName, tags }) => [operationName, tags]),
    [
      ['a2', { x: 1 }],
      ['b2', { x: 1 }],
    ],
  );
  assert.equal(witness.events.length, 8);
  assert.deepEqual(log.errors, ['spoor: an observer threw: out of order. The span goes on.']);
});

test('an observer may use the span that it is told of', () => {
  const { tracer, reporter, log } = observed({
    onStartSpan: (span) => ({
      onSetTag: (key) => void (key === 'a' && span.setTag('b', 2)),
      onFinish: () => span.setTag('c', 3).finish(),
    }),
  });
  tracer.startSpan('x').setTag('a', 1).finish();
  assert.deepEqual(
    reporter.spans.map(({ tags }) => tags),
    [{ a: 1, b: 2, c: 3 }],
  );
  assert.equal(log.errors.length, 1);
  assert.match(log.errors[0]!, /finished twice/);
});

test('observers go into the options of initTracer', (t) => {
  setEnvironment(t);
  const witness = new Witness();
  const tracer = initTracer(
    { serviceName: 'orders' },
    { observers: [witness], reporter: new InMemoryReporter(), logger: new RecordedLog() },
  );
  t.after(() => tracer.close());
  tracer.startSpan('a').finish();
  assert.deepEqual(witness.events, ['a: start undefined', 'a: finish']);
});
