import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage();
const store = {};

/** The least that any tracer with an active span must do for a request: one `run`. */
export function runFloor(next) {
  return storage.run(store, next);
}
