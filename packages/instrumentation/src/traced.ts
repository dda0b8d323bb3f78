import {
  withSpan as runWithSpan,
  type Span,
  type StartSpanOptions,
  withoutSpan,
} from '@spoor/core';
import { type ChildSpanSettings, startChildSpan } from './child-span.js';
import { recordError } from './record-error.js';
import { reportFault } from './report-fault.js';

/** Options of {@link traced}. */
export interface TracedOptions<Args extends readonly unknown[] = readonly unknown[]>
  extends ChildSpanSettings {
  /** Tags that every span has from the start. */
  tags?: StartSpanOptions['tags'];
  /** Called with the span and the arguments before the function runs: the place to turn arguments into tags. */
  onStart?: ((span: Span, ...args: Args) => void) | undefined;
}

type AnyFunction = (...args: never[]) => unknown;

/**
 * Runs `fn` with `span` active and returns what it returns; does not finish the span. Without a span (`undefined`, `null`) no
 * span is active in it, so that calling code needs no `if`.
 */
export function withSpan<T>(span: Span | null | undefined, fn: () => T): T {
  return span === null || span === undefined ? withoutSpan(fn) : runWithSpan(span, fn);
}

/**
 * Wraps a function so that each call is a span, below the active one, that is active in the function. It ends when the function
 * returns, or when the promise that it returned settles. What is thrown or rejected is logged, marks the span with
 * `error=true`, and is passed on. `this`, arguments, result, name, length and own properties stay what they are.
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
    return runTraced(span, call);
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
  options: Omit<TracedOptions, 'onStart'> = {},
): Span | undefined {
  return startChildSpan(name, options, options.tags);
}

/** Runs `call` in `span` and finishes the span when it is over: see {@link traced}. */
function runTraced(span: Span, call: () => unknown): unknown {
  let result: unknown;
  try {
    result = runWithSpan(span, call);
  } catch (error) {
    recordError(span, error);
    span.finish();
    throw error;
  }
  if (!isThenable(result)) {
    span.finish();
    return result;
  }
  const fail = (error: unknown): void => {
    recordError(span, error);
    span.finish();
  };
  if (!isPlainPromise(result)) {
    // Looked at from the side: what is more than a promise, such as a query builder, stays the object that it is.
    result.then(() => span.finish(), fail);
    return result;
  }
  // In line: a look from the side would make a rejection that nobody handles a handled one.
  return result.then(
    (value) => {
      span.finish();
      return value;
    },
    (error: unknown) => {
      fail(error);
      throw error;
    },
  );
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

function isPlainPromise(value: PromiseLike<unknown>): value is Promise<unknown> {
  return value instanceof Promise && value.constructor === Promise;
}

function nameOf(fn: unknown): string {
  return (typeof fn === 'function' && fn.name) || 'anonymous';
}
