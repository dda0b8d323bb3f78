import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type Batch,
  type Counter,
  type Gauge,
  InMemoryReporter,
  type Logger,
  type MetricsFactory,
  RemoteReporter,
  type RemoteReporterOptions,
  type Sampler,
  type SendOutcome,
  ThriftCompactEncoder,
  Tracer,
  type TracerOptions,
  type Transport,
} from '@spoor/core';
import { type CollectedBatch, type CollectedSpan, decodeEmitBatch } from '@spoor/testing';

/** Keeps every trace and adds no tags, so that a test sees the tags that it set and no others. */
export const keepAll: Sampler = { tags: [], isSampled: () => true };

export class RecordedLog implements Logger {
  readonly infos: string[] = [];
  readonly errors: string[] = [];

  info(message: string): void {
    this.infos.push(message);
  }

  error(message: string): void {
    this.errors.push(message);
  }
}

/** Counters under `name tag=value`, as far as they were incremented. */
export class RecordedMetrics implements MetricsFactory {
  readonly created: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly gauges: Record<string, number[]> = {};

  createCounter(name: string, tags: Record<string, string> = {}): Counter {
    const id = [name, ...Object.entries(tags).map(([key, value]) => `${key}=${value}`)].join(' ');
    this.created.push(id);
    return {
      increment: (delta = 1) => {
        this.counts[id] = (this.counts[id] ?? 0) + delta;
      },
    };
  }

  createGauge(name: string): Gauge {
    this.created.push(name);
    return {
      update: (value) => {
        this.gauges[name] = [...(this.gauges[name] ?? []), value];
      },
    };
  }
}

export interface TestTracer {
  tracer: Tracer;
  reporter: InMemoryReporter;
  log: RecordedLog;
  metrics: RecordedMetrics;
}

/** A tracer that keeps every span in memory, and what it logs and counts. */
export function createTestTracer(options: TracerOptions = {}): TestTracer {
  const reporter = new InMemoryReporter();
  const log = new RecordedLog();
  const metrics = new RecordedMetrics();
  const all = { sampler: keepAll, reporter, logger: log, metrics, ...options };
  return { tracer: new Tracer('orders', all), reporter, log, metrics };
}

/** Takes batches and answers as it is told to. */
export class FakeTransport implements Transport {
  maxBatchBytes: number;
  readonly batches: Batch[] = [];
  closeCount = 0;
  readonly #answer: (batch: Batch) => SendOutcome | Promise<SendOutcome>;

  constructor({
    maxBatchBytes = 65_000,
    answer = () => 'accepted',
  }: {
    maxBatchBytes?: number;
    answer?: (batch: Batch) => SendOutcome | Promise<SendOutcome>;
  } = {}) {
    this.maxBatchBytes = maxBatchBytes;
    this.#answer = answer;
  }

  async send(batch: Batch): Promise<SendOutcome> {
    this.batches.push(batch);
    return this.#answer(batch);
  }

  async close(): Promise<void> {
    this.closeCount++;
  }

  toString(): string {
    return 'FakeTransport';
  }

  /** What was sent, as somebody else's decoder reads it. */
  decoded(): CollectedBatch[] {
    return this.batches.map(({ bytes }) => decodeEmitBatch(bytes));
  }

  spans(): CollectedSpan[] {
    return this.decoded().flatMap(({ spans }) => spans);
  }

  /** The operation names of each batch, in the order in which the batches were sent. */
  names(): string[][] {
    return this.decoded().map(({ spans }) => spans.map(({ operationName }) => operationName));
  }
}

export interface RemoteTracer {
  tracer: Tracer;
  log: RecordedLog;
  metrics: RecordedMetrics;
}

/** A tracer that sends through `transport`, by itself only once an hour. */
export function createRemoteTracer(
  transport: Transport,
  options: RemoteReporterOptions & TracerOptions = {},
): RemoteTracer {
  const log = new RecordedLog();
  const metrics = new RecordedMetrics();
  const reporter = new RemoteReporter(new ThriftCompactEncoder(), transport, {
    flushIntervalMs: 3_600_000,
    ...options,
  });
  const all = { sampler: keepAll, reporter, logger: log, metrics, ...options };
  return { tracer: new Tracer('orders', all), log, metrics };
}

/** A promise and what settles it. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Reproducible randomness: mulberry32. A failing case is found again by its seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 32 random bits, unsigned. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** From 0 up to 1, not included. */
  fraction(): number {
    return this.word() / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }

  /** Characters out of `alphabet`. */
  text(
    alphabet: string,
    { minChars = 0, maxChars }: { minChars?: number; maxChars: number },
  ): string {
    const chars = [...alphabet];
    return Array.from({ length: this.int(minChars, maxChars) }, () => this.pick(chars)).join('');
  }
}

const environmentBefore = Object.entries(process.env).filter(([name]) => isOurs(name));

/** Sets these variables, and none other that Spoor reads, until the test ends. */
export function setEnvironment(t: TestContext, variables: Record<string, string> = {}): void {
  const clear = () => {
    for (const name of Object.keys(process.env)) {
      if (isOurs(name) || name in variables) delete process.env[name];
    }
  };
  clear();
  Object.assign(process.env, variables);
  t.after(() => {
    clear();
    Object.assign(process.env, Object.fromEntries(environmentBefore));
  });
}

function isOurs(name: string): boolean {
  return /^(JAEGER|OTEL)_/.test(name);
}

/**
 * A port of 127.0.0.1 on which nobody listens, over UDP or TCP. Below those that systems give to whoever asks for a free one, as other
 * tests do at the same time.
 */
export async function unusedPort(): Promise<number> {
  const socket = createSocket('udp4');
  const server = createServer();
  try {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    socket.bind(port, '127.0.0.1');
    server.listen(port, '127.0.0.1');
    await Promise.all([once(socket, 'listening'), once(server, 'listening')]);
    return port;
  } catch {
    return unusedPort();
  } finally {
    socket.close();
    server.close();
  }
}

export interface ProcessResult {
  stdout: string;
  stderr: string;
  /** From the first line of the script on: how long Node takes to start is up to the machine. */
  elapsedMs: number;
}

/**
 * Runs `script` as an ES module in a process of its own that resolves `@spoor/core` as this package does. Rejects unless it
 * ends by itself, without an error.
 *
 * @param options.inputEnds when its standard input ends, for a script that waits for something outside
 */
export async function runScript(
  script: string,
  {
    nodeArgs = [],
    env = {},
    inputEnds,
  }: { nodeArgs?: string[]; env?: Record<string, string>; inputEnds?: Promise<unknown> } = {},
): Promise<ProcessResult> {
  const code = `process.getBuiltinModule('node:fs').writeSync(3, 'started'); ${script}`;
  const child = spawn(process.execPath, [...nodeArgs, '--input-type=module', '--eval', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { PATH: process.env.PATH, ...env },
    stdio: [inputEnds === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  void inputEnds?.then(() => child.stdin?.end());
  let startedAtMs = performance.now();
  child.stdio[3]?.once('data', () => {
    startedAtMs = performance.now();
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  await once(child, 'close');
  if (child.exitCode !== 0) {
    throw new Error(`the script ended with ${child.exitCode ?? child.signalCode}:\n${stderr}`);
  }
  return { stdout, stderr, elapsedMs: performance.now() - startedAtMs };
}
