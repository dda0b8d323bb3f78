import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from './span.js';
import type { Tracer } from './tracer.js';

/** What must exist once per process (and per worker thread), however many copies of this package it has loaded. */
interface ProcessState {
  /** The store is the active span itself: a wrapper would cost an allocation per request. */
  readonly activeSpanStorage: AsyncLocalStorage<Span | undefined>;
  globalTracer: Tracer | undefined;
}

// The number is raised when the shape or the meaning of the state changes.
const key = Symbol.for('spoor.1');
const holder = globalThis as { [key]?: ProcessState };

holder[key] ??= { activeSpanStorage: new AsyncLocalStorage(), globalTracer: undefined };

export const processState: ProcessState = holder[key];
