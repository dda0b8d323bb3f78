import type { Span } from '@spoor/core';
import { recordError, reportFault } from '@spoor/instrumentation';
import type { RedisClient, RedisCommand } from './library.js';
import type { IoredisSettings, TracedCommand } from './options.js';

/** The span of a command or of a batch, while it is under way. */
export interface Trace {
  readonly span: Span;
  readonly settings: IoredisSettings;
  readonly command: TracedCommand;
  /** The pipeline or transaction that the command is in. */
  readonly batch: Trace | undefined;
  /** Where it was sent last; undefined while a cluster has not chosen. */
  node: RedisClient | undefined;
  hasPeer: boolean;
  redirects: number;
  isOver: boolean;
  /** Why it failed, where a cluster may send it again; the batch ends it. */
  heldError: unknown;
}

/** On every command that was seen: its trace, or null for none. The same for every copy of this package. */
const mark: unique symbol = Symbol.for('spoor.1.ioredis.trace') as never;

type Marked = RedisCommand & { [mark]?: Trace | null };

/** Undefined for a command that was not seen before: it may pass again, from a queue, after a redirect. */
export function traceOf(command: RedisCommand): Trace | null | undefined {
  return (command as Marked)[mark];
}

export function setTrace(command: RedisCommand, trace: Trace | null): void {
  (command as Marked)[mark] = trace;
}

export function newTrace(
  span: Span,
  settings: IoredisSettings,
  command: TracedCommand,
  batch?: Trace,
): Trace {
  return {
    span,
    settings,
    command,
    batch,
    node: undefined,
    hasPeer: false,
    redirects: 0,
    isOver: false,
    heldError: undefined,
  };
}

/** The tags that every span has, then what the application's hook adds. */
export function describe(trace: Trace, client: RedisClient, statement: string | undefined): void {
  const { span, settings, command } = trace;
  span.setTag('span.kind', 'client');
  span.setTag('component', 'ioredis');
  span.setTag('peer.service', 'redis');
  span.setTag('db.type', 'redis');
  span.setTag('db.instance', String(client.condition?.select ?? client.options.db ?? 0));
  if (statement !== undefined) span.setTag('db.statement', statement);
  if (!client.isCluster) sentTo(trace, client);
  callHook(() => settings.onCommand?.(span, command));
}

/** Says which server it was: in a cluster the node, and the last one of several. */
export function sentTo(trace: Trace, client: RedisClient): void {
  if (trace.batch !== undefined) sentTo(trace.batch, client);
  if (trace.node !== undefined && trace.node !== client) trace.redirects++;
  // What a sentinel finds may be another one each time.
  else if (trace.hasPeer && !client.options.sentinels) return;
  trace.node = client;
  trace.hasPeer = setPeer(trace.span, client);
}

/** False while it is not known: a sentinel is asked with the connection. */
function setPeer(span: Span, { options, stream }: RedisClient): boolean {
  if (typeof options.path === 'string') {
    span.setTag('peer.address', options.path);
    return true;
  }
  const isFound = Boolean(options.sentinels);
  const hostname = isFound ? stream?.remoteAddress : (options.host ?? 'localhost');
  const port = isFound ? stream?.remotePort : (options.port ?? 6379);
  if (hostname === undefined || port === undefined) return false;
  span.setTag('peer.hostname', hostname);
  span.setTag('peer.port', port);
  return true;
}

/** Ends the span, if it has not ended already: a reply may come after the timeout. */
export function succeed(trace: Trace, reply: unknown): void {
  if (trace.isOver) return;
  const { span, settings, command } = trace;
  callHook(() => settings.onResponse?.(span, command, reply));
  end(trace);
}

export function fail(trace: Trace, error: unknown): void {
  if (trace.isOver) return;
  recordError(trace.span, withoutArguments(error));
  end(trace);
}

export function end(trace: Trace): void {
  if (trace.isOver) return;
  trace.isOver = true;
  if (trace.redirects > 0) trace.span.setTag('db.redis.redirects', trace.redirects);
  trace.span.finish();
}

/** Redis repeats the arguments of a command that it does not know. */
function withoutArguments(error: unknown): unknown {
  if (!(error instanceof Error) || typeof error.message !== 'string') return error;
  const args = error.message.indexOf(', with args beginning with');
  if (args === -1) return error;
  const message = error.message.slice(0, args);
  const copy = new Error(message);
  copy.name = error.name;
  copy.stack = error.stack?.replace(error.message, () => message) ?? '';
  return copy;
}

function callHook(hook: () => void): void {
  try {
    hook();
  } catch (error) {
    reportFault('ioredis', error);
  }
}
