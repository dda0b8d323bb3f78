import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactPath } from '@spoor/instrumentation';

test('values of credential-like keys are replaced, whatever their case or escapes', () => {
  assert.equal(
    redactPath('/a?Token=1&x=2&ACCESS_TOKEN=3&pass%77ord=4&X-Amz-Signature=5'),
    '/a?Token=REDACTED&x=2&ACCESS_TOKEN=REDACTED&pass%77ord=REDACTED&X-Amz-Signature=REDACTED',
  );
});

test('everything else stays to the letter', () => {
  for (const path of [
    '/',
    '/token=1',
    '/a?',
    '/a?x',
    '/a?x=1=2&&y',
    '/a?tokens=1',
    '/ä?q=%E0%A4%A',
    '*',
  ]) {
    assert.equal(redactPath(path), path);
  }
});

test('a key with a malformed escape is left alone and nothing is thrown', () => {
  assert.equal(redactPath('/?%E0%A4%A=1'), '/?%E0%A4%A=1');
});

test('a very long URL is cut, with the credentials at its end cut off or replaced', () => {
  const redacted = redactPath(`/${'a'.repeat(5000)}?token=secret`);
  assert.equal(redacted.length, 2048);
  assert.ok(!redactPath(`/${'a'.repeat(2035)}?token=secret`).includes('sec'));
});
