import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutputStream, terminalOptions } from '@spoor/testing';

function withEnvironment(variables: Record<string, string>, stream: OutputStream): boolean {
  const before = process.env;
  process.env = variables;
  try {
    return terminalOptions(stream).colors;
  } finally {
    process.env = before;
  }
}

const terminal = { isTTY: true, columns: 132 };
const pipe = {};

test('the width is that of the terminal, or 100', () => {
  assert.equal(terminalOptions(terminal).width, 132);
  assert.equal(terminalOptions(pipe).width, 100);
  assert.equal(terminalOptions(process.stdout).width, process.stdout.columns ?? 100);
  assert.equal(terminalOptions({ isTTY: true, columns: 0 }).width, 100);
});

test('colours go to terminals, unless the environment says otherwise', () => {
  assert.equal(withEnvironment({}, terminal), true);
  assert.equal(withEnvironment({}, pipe), false);
  assert.equal(withEnvironment({}, { ...terminal, hasColors: () => false }), false);
  assert.equal(withEnvironment({ NO_COLOR: '1' }, terminal), false);
  assert.equal(withEnvironment({ NO_COLOR: '' }, terminal), true);
  assert.equal(withEnvironment({ TERM: 'dumb' }, terminal), false);
  assert.equal(withEnvironment({ FORCE_COLOR: '1' }, pipe), true);
  assert.equal(withEnvironment({ FORCE_COLOR: '', NO_COLOR: '1' }, pipe), true);
  assert.equal(withEnvironment({ FORCE_COLOR: '0' }, terminal), false);
  assert.equal(withEnvironment({ FORCE_COLOR: 'false' }, terminal), false);
});
