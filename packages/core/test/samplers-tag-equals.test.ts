import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConstSampler,
  type LateSampler,
  PrioritySampler,
  ProbabilisticSampler,
  type Sampler,
  type SamplingDecision,
  TagEqualsSampler,
} from '@spoor/core';
import { createTestTracer } from './helpers.js';

const byUser = (): TagEqualsSampler =>
  new TagEqualsSampler('user', [
    { tagValue: 'test' },
    { tagValue: 'watched', firehose: true },
    { tagValue: 7 },
  ]);

test('a tag with one of the values keeps the trace, on any span and at the start too', () => {
  const { tracer, reporter } = createTestTracer({ sampler: byUser() });
  const root = tracer.startSpan('root', { tags: { user: 'somebody', a: 1 } });
  const child = tracer.startSpan('child', { childOf: root });
  assert.deepEqual([root.isUndecided(), child.isSampled()], [true, false]);
  tracer.startSpan('grandchild', { childOf: child, tags: { user: 'test' } }).finish();
  child.finish();
  root.finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName, tags }) => [operationName, tags]),
    [
      ['grandchild', { user: 'test', 'sampler.type': 'TagEqualsSampler', 'sampler.param': 'test' }],
      ['child', {}],
      ['root', { user: 'somebody', a: 1 }],
    ],
  );
});

test('values are compared as text, and other keys do not count', () => {
  const isSampled = (tags: Record<string, unknown>): boolean =>
    createTestTracer({ sampler: byUser() }).tracer.startSpan('a', { tags }).isSampled();
  assert.equal(isSampled({ user: '7' }), true);
  assert.equal(isSampled({ user: 7 }), true);
  assert.equal(isSampled({ user: 'constructor' }), false);
  assert.equal(isSampled({ User: 'test' }), false);
  assert.equal(isSampled({ user: null }), false);
});

test('a name decides nothing', () => {
  const { tracer } = createTestTracer({ sampler: byUser() });
  const span = tracer.startSpan('user').setOperationName('test');
  assert.deepEqual([span.isUndecided(), span.isSampled()], [true, false]);
});

test('a value can ask for the firehose', () => {
  const { tracer } = createTestTracer({ sampler: byUser() });
  assert.equal(tracer.startSpan('a', { tags: { user: 'watched' } }).flags, 9);
  assert.equal(tracer.startSpan('a', { tags: { user: 'test' } }).flags, 1);
});

test("it can be made of a strategy as a file holds it, for Node's client and for Go's", () => {
  const values = { watched: { firehose: true }, test: {} };
  const matchers = [{ value: 'watched', firehose: true }, { value: 'test' }, { value: 7 }];
  for (const [strategy, expected] of [
    [{ values }, [9, 1, 0, 0]],
    [{ matchers }, [9, 1, 1, 0]],
    [{ values, matchers }, [9, 1, 0, 0]],
  ] as const) {
    const sampler = TagEqualsSampler.fromStrategy({ key: 'user', ...strategy });
    const { tracer } = createTestTracer({ sampler });
    const flags = ['watched', 'test', 7, 'other'].map(
      (user) => tracer.startSpan('a', { tags: { user } }).flags,
    );
    assert.deepEqual(flags, expected);
  }
});

test('what is no list of matchers is refused', () => {
  assert.throws(() => new TagEqualsSampler('user', 'test' as never), {
    code: 'SPOOR_CONFIG',
    message:
      "TagEqualsSampler: expected a list of matchers. Write new TagEqualsSampler('user', [{ tagValue: 'test' }]).",
  });
  assert.throws(() => TagEqualsSampler.fromStrategy({ key: 'user' }), {
    code: 'SPOOR_CONFIG',
    message:
      "TagEqualsSampler.fromStrategy: expected values. Write { key: 'user', values: { test: { firehose: false } } }.",
  });
});

/** Says what it is told to, and counts the questions. */
class Scripted implements LateSampler {
  readonly asked: string[] = [];
  readonly #answers: Record<string, SamplingDecision>;
  closed = 0;

  constructor(answers: Record<string, SamplingDecision> = {}) {
    this.#answers = answers;
  }

  onCreateSpan(): SamplingDecision {
    return this.#answer('create');
  }

  onSetOperationName(): SamplingDecision {
    return this.#answer('name');
  }

  onSetTag(): SamplingDecision {
    return this.#answer('tag');
  }

  close(): void {
    this.closed++;
  }

  #answer(event: string): SamplingDecision {
    this.asked.push(event);
    return this.#answers[event] ?? { sample: false, retryable: true };
  }
}

test('the priority sampler takes the first yes, in its order', () => {
  const second = new Scripted();
  const sampler = new PrioritySampler([new ProbabilisticSampler(1), second]);
  const { tracer, reporter } = createTestTracer({ sampler });
  tracer.startSpan('a').finish();
  assert.deepEqual(second.asked, []);
  assert.deepEqual(reporter.spans[0]?.tags, {
    'sampler.type': 'probabilistic',
    'sampler.param': 1,
  });
});

test('a delegate that has said no for good is not asked again in that trace, and is in the next', () => {
  const final = new Scripted({ create: { sample: false, retryable: false } });
  const open = new Scripted();
  const { tracer } = createTestTracer({ sampler: new PrioritySampler([final, open]) });
  const root = tracer.startSpan('root');
  root.setTag('a', 1).setOperationName('b');
  tracer.startSpan('child', { childOf: root });
  assert.deepEqual(final.asked, ['create']);
  assert.deepEqual(open.asked, ['create', 'tag', 'name', 'create']);
  tracer.startSpan('other');
  assert.deepEqual(final.asked, ['create', 'create']);
});

test('the trace is decided when all delegates have decided', () => {
  const no: SamplingDecision = { sample: false, retryable: false };
  const sampler = new PrioritySampler([new Scripted({ create: no }), new Scripted({ tag: no })]);
  const { tracer } = createTestTracer({ sampler });
  const span = tracer.startSpan('root');
  assert.equal(span.isUndecided(), true);
  span.setTag('a', 1);
  assert.deepEqual([span.isUndecided(), span.isWritable()], [false, false]);
});

test('by tag or not at all: unmatched traces stay undecided and are not kept', () => {
  const sampler = new PrioritySampler([byUser(), new ConstSampler(false)]);
  const { tracer, reporter } = createTestTracer({ sampler });
  const unmatched = tracer.startSpan('unmatched', { tags: { user: 'x' } });
  assert.equal(unmatched.isUndecided(), true);
  unmatched.finish();
  tracer.startSpan('matched').setTag('user', 'test').finish();
  assert.deepEqual(
    reporter.spans.map(({ operationName }) => operationName),
    ['matched'],
  );
});

test('two priority samplers, one in the other, do not mix up what they know', () => {
  const inner = new PrioritySampler([new ConstSampler(false), byUser()]);
  const sampler = new PrioritySampler([new ConstSampler(false), inner]);
  const { tracer } = createTestTracer({ sampler });
  const span = tracer.startSpan('root').setOperationName('renamed').setTag('user', 'test');
  assert.equal(span.isSampled(), true);
});

test('closing a priority sampler closes its delegates', async () => {
  const delegates = [new Scripted(), new Scripted()];
  let closed = 0;
  const simple: Sampler = { tags: [], isSampled: () => false, close: () => closed++ };
  const { tracer } = createTestTracer({ sampler: new PrioritySampler([...delegates, simple]) });
  await tracer.close();
  assert.deepEqual([closed, ...delegates.map((delegate) => delegate.closed)], [1, 1, 1]);
});
