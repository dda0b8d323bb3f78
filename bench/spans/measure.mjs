// Measures one tracer in this process; run.mjs starts a fresh one for each figure.
import { PerformanceObserver } from 'node:perf_hooks';
import { memoryUsage } from 'node:process';
import { median } from '../figures.mjs';
import { answer } from '../processes.mjs';
import { startProfile } from '../profile.mjs';

const warmUpSpans = 200_000;
const cpuSpans = 200_000;
const profileSpans = 2_000_000;
/** Of the dearest peer 100 MB: less than the new space holds. */
const memorySpans = 20_000;
const repetitions = 5;
const maxAttempts = 15;

/** Spans per turn of the event loop; between turns the reporters send. */
const turnSpans = 500;

const files = {
  unsampled: './spoor.mjs',
  sampled: './spoor.mjs',
  otlp: './spoor.mjs',
  'jaeger-client': './jaeger-client.mjs',
  opentelemetry: './opentelemetry.mjs',
};

const variant = process.argv[2];
const { openTracing } = await import(files[variant]);
/** `pair` makes a root and a child, `settle` ends a turn, `close` returns the spans and bytes that were encoded. */
const tracing = openTracing(variant);
let finishedSpans = 0;

answer({
  async cpu() {
    await run(warmUpSpans);
    const figures = [];
    for (let i = 0; i < repetitions; i++) {
      const start = process.cpuUsage();
      await run(cpuSpans);
      const { user, system } = process.cpuUsage(start);
      figures.push(((user + system) * 1000) / cpuSpans);
    }
    const encoded = await close();
    return { cpuNs: median(figures), encodedBytes: encoded.bytes / finishedSpans };
  },

  async memory() {
    await run(warmUpSpans);
    const figures = [];
    for (let i = 0; i < maxAttempts && figures.length < repetitions; i++) {
      const bytes = await growth();
      if (bytes !== undefined) figures.push(bytes);
    }
    if (figures.length === 0) throw new Error('Garbage was collected in every repetition.');
    await close();
    return {
      heapBytes: median(figures.map(({ heap }) => heap)),
      bufferBytes: median(figures.map(({ buffers }) => buffers)),
    };
  },

  async profile() {
    await run(warmUpSpans);
    const stopProfile = await startProfile();
    await run(profileSpans);
    const profile = await stopProfile();
    await close();
    return profile;
  },
});

async function run(spanCount) {
  for (let done = 0; done < spanCount; done += turnSpans) {
    for (let i = 0; i < turnSpans; i += 2) tracing.pair(done + i);
    await tracing.settle();
  }
  finishedSpans += spanCount;
}

/** Bytes per span, on the heap and in buffers beside it; undefined where something was collected meanwhile. */
async function growth() {
  const collections = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  // Twice: buffers are freed in the background, and a second collection waits for that.
  globalThis.gc();
  globalThis.gc();
  await turns(5);
  observer.observe({ type: 'gc' });
  const startedAt = performance.now();
  const start = memoryUsage();
  await run(memorySpans);
  const end = memoryUsage();
  // Entries come a turn late.
  await turns(5);
  collections.push(...observer.takeRecords());
  observer.disconnect();
  if (collections.some(({ startTime }) => startTime >= startedAt)) return undefined;
  return {
    heap: (end.heapUsed - start.heapUsed) / memorySpans,
    // Not `external`: that one is brought up to date at collections only.
    buffers: (end.arrayBuffers - start.arrayBuffers) / memorySpans,
  };
}

async function turns(turnCount) {
  for (let i = 0; i < turnCount; i++) await new Promise(setImmediate);
}

/** A tracer that drops spans under load would look cheap. */
async function close() {
  const encoded = await tracing.close();
  const expected = variant === 'unsampled' ? 0 : finishedSpans;
  if (encoded.spans !== expected) {
    throw new Error(`${variant}: ${encoded.spans} spans were encoded, not ${expected}.`);
  }
  return encoded;
}
