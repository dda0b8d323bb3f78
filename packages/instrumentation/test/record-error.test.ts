import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstSampler, InMemoryReporter, type RecordedSpan, Tracer } from '@spoor/core';
import { recordError } from '@spoor/instrumentation';

function record(error: unknown): RecordedSpan {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  const span = tracer.startSpan('work');
  recordError(span, error);
  span.finish();
  return reporter.spans[0]!;
}

test('an error is a tag and one log with its kind, message and stack', () => {
  const error = new RangeError('too far');

  const { tags, logs } = record(error);

  assert.equal(tags.error, true);
  assert.deepEqual(
    logs.map(({ fields }) => fields),
    [{ event: 'error', 'error.kind': 'RangeError', message: 'too far', stack: error.stack }],
  );
});

test('what is thrown need be no error', () => {
  assert.deepEqual(record('plain text').logs[0]?.fields, {
    event: 'error',
    'error.kind': 'string',
    message: 'plain text',
  });
  assert.equal(record(undefined).logs[0]?.fields.message, 'undefined');
});

test('of an error with throwing getters the log says that there was one, and nothing is thrown', () => {
  const hostile = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('from the getter');
    },
  });

  const { tags, logs } = record(hostile);

  assert.equal(tags.error, true);
  assert.deepEqual(
    logs.map(({ fields }) => fields),
    [{ event: 'error' }],
  );
});

test('a stack of any length is cut', () => {
  const error = new Error('long');
  error.stack = 'x'.repeat(100_000);
  assert.equal(String(record(error).logs[0]?.fields.stack).length, 8192);
});
