import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpoorError } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';

test('an unknown option is refused with the one that was meant', () => {
  assert.throws(() => jaegerMiddleware({ tracr: undefined } as object), {
    name: 'SpoorError',
    message: 'jaegerMiddleware.tracr: unknown option. Did you mean jaegerMiddleware.tracer?',
  });
});

test('a tracer that is none of ours is refused', () => {
  assert.throws(() => jaegerMiddleware({ tracer: {} } as object), SpoorError);
});
