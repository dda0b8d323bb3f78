import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startCollector, startPrometheus } from '@spoor/testing';
import { snippet, start } from '../snippets.mjs';

test('a real Prometheus scrapes the example of docs/metrics.md, and answers queries with what was counted', async (t) => {
  const collector = await startCollector(t);
  const app = await start(t, snippet('docs/metrics.md', 'prometheus', 9464), collector);
  const target = `127.0.0.1:${await app.output(/port (\d+)/)}`;
  const prometheus = await launch(t, target);
  if (prometheus === undefined) return;

  for (let i = 0; i < 3; i++) await (await fetch(`http://${target}`)).text();
  await collector.received(3);
  await until(prometheus, 'orders_jaeger:reporter_spans{result="ok"}', 3);

  const traces = await prometheus.query('orders_jaeger:traces');
  const sampled = (state, y, n) => [
    { labels: { state, sampled: 'n' }, value: n },
    { labels: { state, sampled: 'y' }, value: y },
  ];
  assert.deepEqual(byLabels(traces), [...sampled('joined', 0, 0), ...sampled('started', 3, 0)]);
  const [lost] = await prometheus.query('sum({__name__=~".*jaeger:reporter_spans", result!="ok"})');
  assert.deepEqual(lost, { labels: {}, value: 0 });
  await until(prometheus, 'orders_jaeger:reporter_queue_length', 0);
  const up = await prometheus.query('up');
  assert.deepEqual(up, [{ labels: {}, value: 1 }]);
});

/** Where there is no Prometheus, and none to be had, the test is left out, loudly; in CI it fails. */
async function launch(t, target) {
  try {
    return await startPrometheus(t, [target]);
  } catch (error) {
    if (process.env.CI || !error.message.includes('There is no prometheus')) throw error;
    t.skip(error.message);
    return undefined;
  }
}

/** Prometheus comes by when it likes. */
async function until(prometheus, query, value) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const series = await prometheus.query(query);
    if (series[0]?.value === value) return;
    if (Date.now() > deadline) assert.fail(`${query} is ${JSON.stringify(series)}, not ${value}`);
    await wait(50);
  }
}

function byLabels(series) {
  const key = ({ labels }) => `${labels.state} ${labels.sampled}`;
  return series.toSorted((a, b) => key(a).localeCompare(key(b)));
}
