import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { start, traceTree } from './shop-process.mjs';

const whole = [{ 'server GET /report/:end': [{ 'local report': ['client pg:SELECT'] }] }];
const ends = [
  { end: 'itself', name: 'a worker thread that has nothing left to do' },
  { end: 'exit', name: 'a worker thread that exits' },
  { end: 'throw', name: 'a worker thread that throws what nobody catches' },
  { end: 'terminate', name: 'a worker thread that flushes before it is terminated' },
];

describe('a server with worker threads', { concurrency: 2, timeout: 120_000 }, () => {
  for (const flag of ['--require', '--import']) {
    for (const { end, name } of ends) {
      test(`${flag}: ${name} sends what it has, in the trace of the main thread, from a tracer of its own`, async (t) => {
        const server = await start(t, [flag, '@spoor/auto-instrument', 'threads.cjs']);
        const report = end === 'throw' ? 'nobody catches this' : 'sold out';
        assert.equal(await server.ask(`/report/${end}`), report);
        assert.equal(await server.end(), 'SIGTERM');
        assert.equal(server.stderr(), '');

        const spans = await server.spans();
        assert.deepEqual(traceTree(spans), whole);
        const tracers = new Set(spans.map(({ processTags }) => processTags['client-uuid']));
        assert.equal(tracers.size, 2);
      });
    }
  }
});
