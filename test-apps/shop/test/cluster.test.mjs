import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { groupTraces } from '@spoor/testing';
import { newOrder, orderTrace, start, traceTree } from './shop-process.mjs';

const ends = [
  { name: 'the primary is ended by SIGTERM and its workers exit', env: {}, end: 'SIGTERM' },
  { name: 'the workers are ended by SIGTERM', env: { PASS_ON_SIGTERM: '1' }, end: 0 },
  {
    name: 'the workers end by themselves at SIGTERM',
    env: { PASS_ON_SIGTERM: '1', CLOSE_AT_SIGTERM: '1' },
    end: 0,
  },
];

describe('a cluster', { concurrency: 2, timeout: 120_000 }, () => {
  for (const { name, env, end } of ends) {
    test(`${name}: each worker sends its own spans, and the primary has none`, async (t) => {
      const shop = await start(t, ['--require', '@spoor/auto-instrument', 'cluster.cjs'], env);
      const orders = Array.from({ length: 4 }, newOrder);
      await Promise.all(orders.map((id) => shop.ask(`/orders/${id}`)));
      assert.equal(await shop.end(), end);
      assert.equal(shop.stderr(), '');

      const spans = await shop.spans();
      assert.deepEqual(
        groupTraces(spans).map(traceTree),
        orders.map(() => orderTrace),
      );
      assert.deepEqual(new Set(spans.map(({ serviceName }) => serviceName)), new Set(['shop']));
      const processes = new Set(spans.map(({ processTags }) => processTags['client-uuid']));
      assert.equal(processes.size, 2);
    });
  }
});
