import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapMethod } from '@spoor/instrumentation';

class Library {
  /** Three parameters, one of them optional. */
  call(a: number, b: number, c?: number): number {
    return a + b + (c ?? 0);
  }
}

function double(call: Library['call']): Library['call'] {
  return function doubled(this: Library, ...args) {
    return 2 * call.apply(this, args);
  };
}

test('a wrapped method keeps its name and its number of parameters', (t) => {
  t.after(wrapMethod(Library.prototype, 'call', double));

  assert.equal(new Library().call(1, 2), 6);
  assert.equal(Library.prototype.call.name, 'call');
  assert.equal(Library.prototype.call.length, 3);
  assert.deepEqual(Object.keys(new Library()), []);
});

test('undone, a method is the one that it was', () => {
  const before = Object.getOwnPropertyDescriptor(Library.prototype, 'call');

  wrapMethod(Library.prototype, 'call', double)();

  assert.deepEqual(Object.getOwnPropertyDescriptor(Library.prototype, 'call'), before);
});

test('undone, an inherited method is inherited again', () => {
  const library = new Library();
  const unwrap = wrapMethod(library, 'call', double);
  assert.equal(library.call(1, 2), 6);

  unwrap();

  assert.equal(Object.hasOwn(library, 'call'), false);
  assert.equal(library.call(1, 2), 3);
});

test('what somebody wrapped on top stays', () => {
  const library = new Library();
  const unwrap = wrapMethod(library, 'call', double);
  const unwrapTheirs = wrapMethod(library, 'call', double);

  unwrap();
  assert.equal(library.call(1, 2), 12);

  unwrapTheirs();
  assert.equal(library.call(1, 2), 6);
});

test('what is no method is refused by its name, and nothing is changed', () => {
  const library = new Library() as Library & { gone?: () => void };

  assert.throws(() => wrapMethod(library, 'gone', (gone) => gone), {
    name: 'TypeError',
    message: 'not supported: Library has no method "gone"',
  });

  assert.deepEqual(Reflect.ownKeys(library), []);
});
