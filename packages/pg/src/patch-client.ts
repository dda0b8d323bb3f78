import { activeSpan, type Span, withoutSpan } from '@spoor/core';
import {
  type Live,
  reportFault,
  startChildSpan,
  type Undo,
  withSpan,
  wrapMethod,
} from '@spoor/instrumentation';
import { connectingCaller, takePoolQuery } from './call-sites.js';
import { comment, commented } from './comment.js';
import { followSubmittable } from './follow-submittable.js';
import type { PgSettings } from './options.js';
import { type AnyFunction, isSubmittable, type PgClient } from './pg-types.js';
import { connectionTags, QuerySpan, readQuery } from './query-span.js';
import { recordPgError } from './record-pg-error.js';

/** A call of pg's `query` as it is passed on. */
interface Call {
  readonly args: unknown[];
  /** For the promise that pg returns. */
  readonly span: QuerySpan | undefined;
  readonly isPromised: boolean;
  /** Puts back what the call leaves on an object of the user's. */
  readonly restore?: Undo | undefined;
  /** Puts back what was wrapped on an object of the user's, when the query is not sent after all. */
  readonly abandon?: Undo | undefined;
}

/**
 * Wraps the methods of `target`: of a prototype, or of one client.
 *
 * @param isOthers says of which clients somebody else takes care
 */
export function patchClient(
  target: PgClient,
  live: Live<PgSettings>,
  isOthers: (client: object) => boolean,
): readonly Undo[] {
  return [
    wrapMethod(target, 'query', (query) => traceQuery(query, live, isOthers)),
    wrapMethod(target, 'connect', (connect) => traceConnect(connect, live, isOthers)),
  ];
}

function traceQuery(
  query: AnyFunction,
  live: Live<PgSettings>,
  isOthers: (client: object) => boolean,
): AnyFunction {
  return function tracedQuery(this: PgClient, ...args: unknown[]): unknown {
    const { settings } = live;
    const call =
      settings === undefined || isOthers(this) ? undefined : prepare(this, args, settings);
    if (call === undefined) return Reflect.apply(query, this, args);
    let result: unknown;
    try {
      result = Reflect.apply(query, this, call.args);
    } catch (error) {
      call.abandon?.();
      call.span?.fail(error);
      throw error;
    } finally {
      call.restore?.();
    }
    return followPromise(result, call);
  };
}

/** Undefined where the call is to go on as it is. */
function prepare(client: PgClient, args: unknown[], settings: PgSettings): Call | undefined {
  const caller = activeSpan();
  const poolQuery = takePoolQuery();
  if (caller === undefined && settings.requireActiveTrace) return undefined;
  const given = args[0];
  if (given === null || given === undefined) return undefined;
  let span: QuerySpan | undefined;
  try {
    span = QuerySpan.start(client, readQuery(given, args[1]), settings, poolQuery?.waitTimeMs);
    if (isSubmittable(given)) {
      const restore = span && settings.sqlcommenter ? comment(given, span.span) : undefined;
      const abandon = followSubmittable(client, given, { caller, span, restore });
      return prepareSubmittable(args, caller, { span, abandon });
    }
    // The pool calls the user back by itself; its timers must not keep the caller's span alive.
    const context = poolQuery === undefined ? caller : undefined;
    return prepareCall(args, context, span, settings);
  } catch (error) {
    reportFault('pg', error);
    span?.succeed(undefined);
    return undefined;
  }
}

function prepareSubmittable(
  args: unknown[],
  caller: Span | undefined,
  { span, abandon }: Pick<Call, 'span' | 'abandon'>,
): Call {
  const bound = args.map((arg, i) =>
    i > 0 && typeof arg === 'function' ? inCaller(arg as AnyFunction, caller, undefined) : arg,
  );
  // A query of pg-native can be awaited; looked at, it would make a promise of its own.
  return { args: bound, span, abandon, isPromised: false };
}

function prepareCall(
  args: unknown[],
  caller: Span | undefined,
  span: QuerySpan | undefined,
  { sqlcommenter }: PgSettings,
): Call {
  const passed = [...args];
  const given = passed[0] as { callback?: unknown } | string;
  if (span !== undefined && sqlcommenter) passed[0] = commented(given, span.span);
  const own = typeof given === 'string' ? undefined : given.callback;
  const at = passed[2] ? 2 : typeof passed[1] === 'function' ? 1 : undefined;
  const callback = at === undefined ? own : passed[at];
  let restore: Undo | undefined;
  if (typeof callback === 'function') {
    const bound = inCaller(callback as AnyFunction, caller, span);
    while (passed.length < 3) passed.push(undefined);
    passed[at ?? 2] = bound;
    // Until 8.16 pg writes the callback into the user's object, where the next query would find ours.
    restore = () => {
      if (typeof given === 'object' && given.callback === bound) given.callback = callback;
    };
  }
  return { args: passed, span, restore, isPromised: !callback };
}

/** pg calls back in the context in which the connection was made. */
function inCaller(
  callback: AnyFunction,
  caller: Span | undefined,
  span: QuerySpan | undefined,
): AnyFunction {
  return function calledBack(this: unknown, ...args: unknown[]): unknown {
    if (args[0]) span?.fail(args[0]);
    else span?.succeed(args[1]);
    return withSpan(caller, () => Reflect.apply(callback, this, args));
  };
}

/** In line: a look from the side would make a rejection that nobody handles a handled one. */
function followPromise(result: unknown, { span, isPromised }: Call): unknown {
  if (span === undefined || !isPromised || !isThenable(result)) return result;
  return result.then(
    (answer) => {
      span.succeed(answer);
      return answer;
    },
    (error: unknown) => {
      span.fail(error);
      throw error;
    },
  );
}

/**
 * A connection outlives the request that makes it: what runs in it, such as notifications, must not run in that request's
 * span, nor keep the span alive.
 */
function traceConnect(
  connect: AnyFunction,
  live: Live<PgSettings>,
  isOthers: (client: object) => boolean,
): AnyFunction {
  return function tracedConnect(this: PgClient, ...args: unknown[]): unknown {
    const { settings } = live;
    const context = activeSpan();
    const caller = context ?? connectingCaller();
    if (settings === undefined || isOthers(this)) return Reflect.apply(connect, this, args);
    const span = settings.connectSpans
      ? withSpan(caller, () => startChildSpan('pg:connect', settings, connectionTags(this)))
      : undefined;
    const onEnd =
      span === undefined
        ? undefined
        : (error: unknown): void => {
            if (error) recordPgError(span, error);
            span.finish();
          };
    return withoutSpan(() => followConnect(connect, this, args, context, onEnd));
  };
}

/** Runs a `connect` of a client or of a pool, which calls back in `context`. */
export function followConnect(
  connect: AnyFunction,
  self: unknown,
  args: readonly unknown[],
  context: Span | undefined,
  onEnd: ((error: unknown, client: unknown) => void) | undefined,
): unknown {
  const [callback] = args;
  if (typeof callback === 'function') {
    const bound = calledBackOnce(callback as AnyFunction, context, onEnd);
    return Reflect.apply(connect, self, [bound, ...args.slice(1)]);
  }
  const result = Reflect.apply(connect, self, args);
  if (onEnd === undefined || !isThenable(result)) return result;
  return result.then(
    (client) => {
      onEnd(undefined, client);
      return client;
    },
    (error: unknown) => {
      onEnd(error, undefined);
      throw error;
    },
  );
}

/** A connection holds for good the callback of whoever had it made: once called, ours holds no span any more. */
export function calledBackOnce(
  callback: AnyFunction,
  context: Span | undefined,
  onEnd?: (error: unknown, client: unknown) => void,
): AnyFunction {
  let caller = context;
  let end = onEnd;
  return function calledBack(this: unknown, ...answer: unknown[]): unknown {
    const [span, tell] = [caller, end];
    caller = undefined;
    end = undefined;
    tell?.(answer[0], answer[1]);
    return withSpan(span, () => Reflect.apply(callback, this, answer));
  };
}

/** Whoever else has wrapped pg may return something else. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
