import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteTracer, createTestTracer, FakeTransport } from './helpers.js';

/** Start, duration and log times in microseconds as they are sent. */
async function sentTimes(
  startTime: number | undefined,
  finishTime: number | undefined,
  logTime?: number,
): Promise<{ startTimeUs: number; durationUs: number; logUs: number | undefined }> {
  const transport = new FakeTransport();
  const { tracer } = createRemoteTracer(transport);
  const span = tracer.startSpan('charge', { startTime });
  if (logTime !== undefined) span.log({ event: 'x' }, logTime);
  span.finish(finishTime);
  await tracer.close();
  const { startTimeUs, durationUs, logs } = transport.spans()[0]!;
  return { startTimeUs, durationUs, logUs: logs[0]?.timestampUs };
}

test('times in milliseconds are sent in microseconds', async () => {
  assert.deepEqual(await sentTimes(123.456, 123.567, 123.5), {
    startTimeUs: 123_456,
    durationUs: 111,
    logUs: 123_500,
  });
  assert.deepEqual(await sentTimes(1_700_000_000_123.456, 1_700_000_000_125.457), {
    startTimeUs: 1_700_000_000_123_456,
    durationUs: 2001,
    logUs: undefined,
  });
});

test('every whole microsecond survives the way to the wire', async () => {
  for (const epochUs of [0, 1_700_000_000_000_000]) {
    const transport = new FakeTransport();
    const { tracer } = createRemoteTracer(transport);
    const start = (us: number): number => (epochUs + us) / 1000;
    for (let us = 0; us < 1000; us++) {
      tracer.startSpan('charge', { startTime: start(us) }).finish(start(5000));
    }
    await tracer.close();
    assert.deepEqual(
      transport.spans().map(({ startTimeUs, durationUs }) => [startTimeUs, durationUs]),
      Array.from({ length: 1000 }, (_, us) => [epochUs + us, 5000 - us]),
    );
  }
});

test('a start and a finish at zero are the epoch, not now', async () => {
  assert.deepEqual(await sentTimes(0, 0, 0), { startTimeUs: 0, durationUs: 0, logUs: 0 });
});

test('times that are left out are now', () => {
  const { tracer, reporter } = createTestTracer();
  const beforeMs = Date.now();
  const span = tracer.startSpan('charge');
  span.log({ event: 'x' });
  span.finish();
  const afterMs = Date.now();

  const { startTimeMs, durationMs, logs } = reporter.spans[0]!;
  // The wall clock counts whole milliseconds, ours counts parts of them.
  assert.ok(startTimeMs > beforeMs - 2 && startTimeMs < afterMs + 2, `${startTimeMs}`);
  assert.ok(logs[0]!.timestampMs >= startTimeMs && logs[0]!.timestampMs < afterMs + 2);
  assert.ok(durationMs > 0 && durationMs < afterMs - beforeMs + 2, `${durationMs}`);
  assert.notEqual(durationMs, Math.round(durationMs));
});

test('times that are none, or lie outside of what can be sent, are now', () => {
  const { tracer, reporter } = createTestTracer();
  const microseconds = Date.now() * 1000;
  const strange = [
    ...[Number.NaN, Number.POSITIVE_INFINITY, -1, microseconds, null, 'soon', {}, 1n],
    ...[process.hrtime(), new Date(Number.NaN), Symbol('now'), () => 1],
  ] as never[];
  for (const time of strange) {
    const span = tracer.startSpan('charge', { startTime: time });
    span.log({ event: 'x' }, time);
    span.finish(time);
  }
  assert.equal(reporter.spans.length, strange.length);
  for (const { startTimeMs, durationMs, logs } of reporter.spans) {
    assert.ok(Math.abs(startTimeMs - Date.now()) < 60_000, `${startTimeMs}`);
    assert.ok(Math.abs(logs[0]!.timestampMs - Date.now()) < 60_000, `${logs[0]?.timestampMs}`);
    assert.ok(durationMs >= 0 && durationMs < 60_000, `${durationMs}`);
  }
});

test('a finish before the start is a duration of zero', async () => {
  assert.deepEqual(await sentTimes(2000, 1000), {
    startTimeUs: 2_000_000,
    durationUs: 0,
    logUs: undefined,
  });
});

test('a Date is a time', async () => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge', { startTime: new Date(5000) });
  span.log({ event: 'x' }, new Date(6000));
  span.finish(new Date(7000));
  const { startTimeMs, durationMs, logs } = reporter.spans[0]!;
  assert.deepEqual([startTimeMs, durationMs, logs[0]?.timestampMs], [5000, 2000, 6000]);
});

test('a finish that is given before the start is logged once, unless by so little that clocks may differ', () => {
  const { tracer, log } = createTestTracer();
  tracer.startSpan('a', { startTime: 2005 }).finish(2000);
  tracer.startSpan('now').finish(Date.now());
  tracer.startSpan('future', { startTime: Date.now() + 3_600_000 }).finish();
  assert.deepEqual(log.errors, []);
  const span = tracer.startSpan('b', { startTime: 2000 });
  span.finish(1500);
  tracer.startSpan('c', { startTime: 2000 }).finish(performance.now() / 1000);
  assert.deepEqual(log.errors, [
    `spoor: span "b" (${span}) was finished 500 ms before its start; its duration is 0. Write milliseconds since the epoch, as Date.now() gives.`,
  ]);
});

test('times that are given stay what they are, whatever happens to the wall clock', (t) => {
  const { tracer, reporter } = createTestTracer();
  const startTime = Date.now() - 1000;
  const explicit = tracer.startSpan('start and finish', { startTime });
  const open = tracer.startSpan('start alone', { startTime });
  const realNow = Date.now;
  t.mock.method(Date, 'now', () => realNow() - 3_600_000);
  tracer.clock.followWallClock();
  explicit.finish(startTime + 500);
  open.finish();

  const [first, second] = reporter.spans;
  assert.deepEqual([first?.startTimeMs, first?.durationMs], [startTime, 500]);
  assert.equal(second?.startTimeMs, startTime);
  // The wall clock counts whole milliseconds.
  assert.ok(second.durationMs > 990 && second.durationMs < 60_000, `${second.durationMs}`);
});

test('a wall clock that is set back while a span runs does not change the duration', (t) => {
  const { tracer, reporter } = createTestTracer();
  const span = tracer.startSpan('charge');
  const realNow = Date.now;
  t.mock.method(Date, 'now', () => realNow() - 3_600_000);
  tracer.clock.followWallClock();
  span.finish();

  const { startTimeMs, durationMs } = reporter.spans[0]!;
  assert.ok(durationMs >= 0 && durationMs < 60_000, `${durationMs}`);
  assert.ok(Math.abs(startTimeMs - Date.now()) < 60_000, `${startTimeMs} is on the old clock`);
});

test('the jitter of the wall clock is not followed', (t) => {
  const { tracer } = createTestTracer();
  const { wallOffsetMs } = tracer.clock;
  const realNow = Date.now;
  t.mock.method(Date, 'now', () => realNow() + 2);
  tracer.clock.followWallClock();
  assert.equal(tracer.clock.wallOffsetMs, wallOffsetMs);
});
