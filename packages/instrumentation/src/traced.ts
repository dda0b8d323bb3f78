import type { EventEmitter } from 'node:events';
import { type Span, type StartSpanOptions, withSpan } from '@spoor/core';
import { type ChildSpanSettings, startChildSpan } from './child-span.js';
import { recordError } from './record-error.js';
import { reportFault } from './report-fault.js';
import { wrapMethod } from './wrap-method.js';

/** Options of {@link traced}. */
export interface TracedOptions<Args extends readonly unknown[] = readonly unknown[]>
  extends ChildSpanSettings {
  /** Tags that every span has from the start. */
  tags?: StartSpanOptions['tags'];
  /** Called with the span and the arguments before the function runs: the place to turn arguments into tags. */
  onStart?: ((span: Span, ...args: Args) => void) | undefined;
  /** Where the result is a stream, or a promise of one, the span ends when the stream is closed. @default false */
  untilClosed?: boolean | undefined;
}

type AnyFunction = (...args: never[]) => unknown;
/** What is called on a generator to run it on. */
type Steps = Record<'next' | 'return' | 'throw', (...args: unknown[]) => unknown>;

/**
 * Wraps a function so that each call is a span, below the active one, that is active in the function. It ends when the function
 * returns, or when the promise that it returned settles; that of a generator, when it is exhausted or given up. What is thrown
 * or rejected is logged, marks the span with `error=true`, and is passed on. `this`, arguments, result, name, length and own
 * properties stay what they are.
 *
 * @param name of the spans; the function's own when it is left out
 */
export function traced<Fn extends AnyFunction>(fn: Fn, options?: TracedOptions<Parameters<Fn>>): Fn;
export function traced<Fn extends AnyFunction>(
  name: string,
  fn: Fn,
  options?: TracedOptions<Parameters<Fn>>,
): Fn;
export function traced(...given: unknown[]): AnyFunction {
  const [name, fn, options = {}] = (
    typeof given[0] === 'string' ? given : [nameOf(given[0]), ...given]
  ) as [string, AnyFunction, TracedOptions?];
  if (typeof fn !== 'function') {
    throw new TypeError("traced: expected a function. Write traced('price order', priceOrder).");
  }
  function tracedFunction(this: unknown, ...args: unknown[]): unknown {
    const span = startChildSpan(name, options, options.tags);
    const call = (): unknown => Reflect.apply(fn, this, args);
    if (span === undefined) return call();
    announce(span, args, options);
    return runTraced(span, call, options.untilClosed === true);
  }
  return Object.defineProperties(
    tracedFunction,
    Object.getOwnPropertyDescriptors(fn),
  ) as AnyFunction;
}

/**
 * The decorator for methods: `@tracedMethod('price order')`, as TypeScript and the proposal of ECMAScript have it, the older
 * `experimentalDecorators` included. The method's own name without one.
 */
export function tracedMethod(
  name?: string,
  options?: TracedOptions,
): MethodDecorator & TracedMethod {
  function decorate(method: unknown, context: unknown, descriptor?: PropertyDescriptor): unknown {
    if (descriptor === undefined) {
      const own = String((context as { name: unknown }).name);
      return traced(name ?? own, method as AnyFunction, options);
    }
    return { ...descriptor, value: traced(name ?? String(context), descriptor.value, options) };
  }
  return decorate as MethodDecorator & TracedMethod;
}

/** A decorator of methods, as ECMAScript's proposal has it. */
export type TracedMethod = <Fn extends AnyFunction>(
  method: Fn,
  context: ClassMethodDecoratorContext,
) => Fn;

/**
 * Starts a span below the active one, to be finished by hand; it is not made active. Undefined where there is no tracer, or
 * with `requireActiveTrace` where no span is active: `funcSpan('parse')?.finish()`.
 */
export function funcSpan(
  name: string,
  options: Omit<TracedOptions, 'onStart' | 'untilClosed'> = {},
): Span | undefined {
  return startChildSpan(name, options, options.tags);
}

/** Runs `call` in `span` and finishes the span when it is over: see {@link traced}. */
function runTraced(span: Span, call: () => unknown, untilClosed: boolean): unknown {
  const fail = (error: unknown): void => {
    recordError(span, error);
    span.finish();
  };
  const succeed = (value: unknown): void => {
    if (untilClosed && isStream(value)) value.once('close', () => finishWithStream(span, value));
    else span.finish();
  };
  let result: unknown;
  try {
    result = withSpan(span, call);
  } catch (error) {
    fail(error);
    throw error;
  }
  if (isGenerator(result)) return followGenerator(span, result);
  if (!isThenable(result)) {
    succeed(result);
    return result;
  }
  if (!isPlainPromise(result)) {
    // Looked at from the side: what is more than a promise, such as a query builder, stays the object that it is.
    result.then(succeed, fail);
    return result;
  }
  // In line: a look from the side would make a rejection that nobody handles a handled one.
  return result.then(
    (value) => {
      succeed(value);
      return value;
    },
    (error: unknown) => {
      fail(error);
      throw error;
    },
  );
}

/** The span is active in each step of the generator, and ends with the last. */
function followGenerator(span: Span, generator: Steps): Steps {
  let isOver = false;
  const end = (error?: { readonly reason: unknown }): void => {
    if (isOver) return;
    isOver = true;
    if (error !== undefined) recordError(span, error.reason);
    span.finish();
  };
  const note = (result: unknown): unknown => {
    if ((result as IteratorResult<unknown>).done === true) end();
    return result;
  };
  const fail = (reason: unknown): never => {
    end({ reason });
    throw reason;
  };
  for (const method of ['next', 'return', 'throw'] as const) {
    wrapMethod(generator, method, (step) => {
      return function tracedStep(this: Steps, ...args) {
        try {
          const result = withSpan(span, () => Reflect.apply(step, this, args));
          return isThenable(result) ? result.then(note, fail) : note(result);
        } catch (reason) {
          return fail(reason);
        }
      };
    });
  }
  return generator;
}

/** What closed a stream is asked of the stream: a listener for errors would make one that nobody handles a handled one. */
function finishWithStream(span: Span, stream: EventEmitter & { readonly errored?: unknown }): void {
  if (stream.errored !== null && stream.errored !== undefined) recordError(span, stream.errored);
  span.finish();
}

function announce(span: Span, args: unknown[], { onStart }: TracedOptions): void {
  if (onStart === undefined) return;
  try {
    onStart(span, ...args);
  } catch (error) {
    reportFault('traced', error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

function isGenerator(value: unknown): value is Steps {
  const tag = (value as { [Symbol.toStringTag]?: unknown } | null | undefined)?.[
    Symbol.toStringTag
  ];
  return tag === 'Generator' || tag === 'AsyncGenerator';
}

function isStream(value: unknown): value is EventEmitter {
  const { once, pipe, write } = (value ?? {}) as Record<string, unknown>;
  return typeof once === 'function' && (typeof pipe === 'function' || typeof write === 'function');
}

function isPlainPromise(value: PromiseLike<unknown>): value is Promise<unknown> {
  return value instanceof Promise && value.constructor === Promise;
}

function nameOf(fn: unknown): string {
  return (typeof fn === 'function' && fn.name) || 'anonymous';
}
