import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { CollectedBatch, CollectedSpan } from './collected.js';
import { decodeEmitBatch } from './decode.js';
import { count } from './display-text.js';
import { formatTrace } from './format-trace.js';
import {
  describeMatch,
  groupTraces,
  sortByStart,
  type TraceMatch,
  type TracePredicate,
  toPredicate,
} from './traces.js';

/** Where a collector listens. */
export interface CollectorOptions {
  /** @default '127.0.0.1' */
  host?: string | undefined;
  /** UDP port; 0 takes a free one. @default 0 */
  port?: number | undefined;
  /** Another agent that gets every packet as it came, so that the same traces can be seen there too. */
  forwardTo?: { host: string; port: number } | undefined;
}

/** Packets that could not be decoded. */
export interface Malformed {
  count: number;
  lastError: Error | undefined;
}

const defaultTimeoutMs = 5000;
/**
 * A burst of full packets must not get lost before the event loop turns. Linux grants what
 * `rmem_max` allows.
 */
const receiveBufferBytes = 8 * 1024 * 1024;
/** More in one message than anybody reads. */
const maxTracesInMessage = 10;

/**
 * Starts a Jaeger agent that keeps what it receives over UDP, in compact and binary Thrift. Given
 * the context of a `node:test` test, it closes when the test has ended.
 */
export async function startCollector(
  t?: { after(fn: () => unknown): void } | undefined,
  options: CollectorOptions = {},
): Promise<Collector> {
  const { host = '127.0.0.1', port = 0 } = options;
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const collector = new Collector(socket);
  socket.bind(port, host);
  await once(socket, 'listening');
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // A smaller buffer only matters under load.
  }
  const { forwardTo } = options;
  if (forwardTo !== undefined) {
    // Nobody may listen there, which is no matter of the collector's.
    const ignore = (): void => {};
    socket.on('message', (packet) => socket.send(packet, forwardTo.port, forwardTo.host, ignore));
  }
  t?.after(() => collector.close());
  return collector;
}

interface Waiter {
  /** Called with the ids of traces that have grown. */
  wake(traceIds: Iterable<string>): void;
  fail(reason: string): void;
}

/** A running agent; {@link startCollector} makes one. */
export class Collector {
  readonly #socket: Socket;
  readonly #waiters = new Set<Waiter>();
  #batches: CollectedBatch[] = [];
  #spans: CollectedSpan[] = [];
  #traces = new Map<string, CollectedSpan[]>();
  #malformed: Malformed = { count: 0, lastError: undefined };
  #address: AddressInfo = { address: '', family: '', port: 0 };
  #closed: Promise<void> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('listening', () => {
      this.#address = socket.address();
    });
    socket.on('message', (packet) => this.#receive(packet));
    socket.on('error', (error) => this.#failAll(`the socket failed (${error.message})`));
  }

  /** The address it listens on. Stays readable after {@link close}. */
  get host(): string {
    return this.#address.address;
  }

  /** The UDP port it listens on. Stays readable after {@link close}. */
  get port(): number {
    return this.#address.port;
  }

  /** Every span so far, in order of arrival. */
  get spans(): readonly CollectedSpan[] {
    return this.#spans;
  }

  /** Every batch so far, one per packet, in order of arrival. */
  get batches(): readonly CollectedBatch[] {
    return this.#batches;
  }

  /** What arrived and could not be decoded. */
  get malformed(): Readonly<Malformed> {
    return this.#malformed;
  }

  /**
   * Resolves with every span so far, as soon as there are at least `spanCount`. Rejects after
   * `timeoutMs` with a message that prints what did arrive.
   */
  received(spanCount: number, timeoutMs: number = defaultTimeoutMs): Promise<CollectedSpan[]> {
    return this.#wait(count(spanCount, 'span'), timeoutMs, () =>
      this.#spans.length >= spanCount ? [...this.#spans] : undefined,
    );
  }

  /**
   * Resolves with the spans of the first trace that matches, in order of start time. Rejects after
   * `timeoutMs` with a message that prints what did arrive, and at once when the predicate throws.
   */
  waitForTrace(
    match: TraceMatch | TracePredicate,
    timeoutMs: number = defaultTimeoutMs,
  ): Promise<CollectedSpan[]> {
    const isMatch = toPredicate(match);
    return this.#wait(describeMatch(match), timeoutMs, (traceIds) => {
      for (const traceId of traceIds) {
        const spans = sortByStart(this.#traces.get(traceId) ?? []);
        if (isMatch(spans)) return spans;
      }
      return undefined;
    });
  }

  /** Forgets what has arrived. Who waits goes on waiting. */
  clear(): void {
    this.#batches = [];
    this.#spans = [];
    this.#traces = new Map();
    this.#malformed = { count: 0, lastError: undefined };
  }

  /**
   * Stops listening; who still waits is refused. What has arrived stays readable. Can be called
   * twice.
   */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#failAll('the collector was closed');
      this.#socket.close(resolve);
    });
    return this.#closed;
  }

  /** For `await using`. Same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(packet: Uint8Array): void {
    let batch: CollectedBatch;
    try {
      batch = decodeEmitBatch(packet);
    } catch (error) {
      // It throws nothing but errors.
      this.#malformed = { count: this.#malformed.count + 1, lastError: error as Error };
      return;
    }
    this.#batches.push(batch);
    const grown = new Set<string>();
    for (const span of batch.spans) {
      this.#spans.push(span);
      const trace = this.#traces.get(span.traceId);
      if (trace === undefined) this.#traces.set(span.traceId, [span]);
      else trace.push(span);
      grown.add(span.traceId);
    }
    for (const waiter of this.#waiters) waiter.wake(grown);
  }

  #wait<T>(
    what: string,
    timeoutMs: number,
    look: (traceIds: Iterable<string>) => T | undefined,
  ): Promise<T> {
    // Made here, because in a timer or a packet's callback the stack no longer shows who waits.
    const failure = new Error();
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        wake: (traceIds) => {
          try {
            const found = look(traceIds);
            if (found === undefined) return;
            end();
            resolve(found);
          } catch (error) {
            end();
            reject(error);
          }
        },
        fail: (reason) => {
          end();
          failure.message = `waited for ${what}, but ${reason}. ${this.#describeArrivals()}`;
          // Without this it would still show the message that the error was made with: none.
          failure.stack = `Error: ${failure.message}${failure.stack?.replace(/^Error/, '')}`;
          reject(failure);
        },
      };
      const timer = setTimeout(() => waiter.fail(`${timeoutMs} ms have passed`), timeoutMs);
      this.#waiters.add(waiter);
      waiter.wake(this.#traces.keys());
      if (this.#closed !== undefined && this.#waiters.has(waiter)) {
        waiter.fail('the collector is closed');
      }
    });
  }

  #failAll(reason: string): void {
    for (const waiter of this.#waiters) waiter.fail(reason);
  }

  #describeArrivals(): string {
    const traces = groupTraces(this.#spans);
    const { count: malformedCount, lastError } = this.#malformed;
    const more = traces.length - maxTracesInMessage;
    return [
      `Received: ${count(this.#spans.length, 'span')} in ${count(traces.length, 'trace')}, ${count(this.#batches.length, 'packet')}.`,
      ...(malformedCount > 0
        ? [`Malformed packets: ${malformedCount}; the last: ${lastError?.message}`]
        : []),
      ...traces.slice(0, maxTracesInMessage).map((spans) => `\n${formatTrace(spans)}`),
      ...(more > 0 ? [`\n… and ${count(more, 'more trace')}.`] : []),
    ].join('\n');
  }
}
