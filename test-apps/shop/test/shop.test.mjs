import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { groupTraces } from '@spoor/testing';
import { newOrder, orderTrace, start, traceTree } from './shop-process.mjs';

const preload = '@spoor/auto-instrument';
/** Traced without a line in them: those have no listener for SIGTERM. */
const automatic = [
  { name: 'CommonJS, require in the first line', args: ['first-line.cjs'] },
  { name: 'CommonJS, --require', args: ['--require', preload, 'plain.cjs'] },
  { name: 'CommonJS, --import', args: ['--import', preload, 'plain.cjs'] },
  { name: 'CommonJS, NODE_OPTIONS', args: ['plain.cjs'], options: `--require ${preload}` },
  { name: 'ESM, import in the first line', args: ['first-line.mjs'] },
  { name: 'ESM, --import', args: ['--import', preload, 'plain.mjs'] },
  { name: 'ESM, --require', args: ['--require', preload, 'plain.mjs'] },
  { name: 'ESM, NODE_OPTIONS', args: ['plain.mjs'], options: `--import ${preload}` },
  { name: 'bundled to CommonJS, all handed over', args: ['dist-test/bundles/auto.cjs'] },
  { name: 'bundled to ESM, all handed over', args: ['dist-test/bundles/auto.mjs'] },
];
/** Traced by explicit lines: those close everything at SIGTERM, and end by themselves. */
const explicit = [
  { name: 'CommonJS', args: ['explicit.cjs'] },
  { name: 'ESM', args: ['explicit.mjs'] },
  { name: 'TypeScript, to CommonJS', args: ['dist-test/explicit.cjs'] },
  { name: 'TypeScript, to ESM', args: ['dist-test/explicit.mjs'] },
  { name: 'bundled to CommonJS without libraries', args: ['dist-test/bundles/external.cjs'] },
  { name: 'bundled to ESM without libraries', args: ['dist-test/bundles/external.mjs'] },
  { name: 'bundled to CommonJS, all handed over', args: ['dist-test/bundles/inside.cjs'] },
  { name: 'bundled to ESM, all handed over', args: ['dist-test/bundles/inside.mjs'] },
];
const forms = [
  ...automatic.map((form) => ({ how: 'automatic', end: 'SIGTERM', ...form })),
  ...explicit.map((form) => ({ how: 'explicit', end: 0, ...form })),
];

describe('a shop', { concurrency: 2, timeout: 120_000 }, () => {
  for (const { how, name, args, options, end } of forms) {
    test(`${how}, ${name}: each order is one whole trace, and SIGTERM ends it as ever`, async (t) => {
      const shop = await start(t, args, options && { NODE_OPTIONS: options });
      const orders = [newOrder(), newOrder()];
      const answers = await Promise.all(orders.map((id) => shop.ask(`/orders/${id}`)));
      assert.deepEqual(
        answers,
        orders.map((id) => ({ item: `item ${id}`, stock: id * 10 })),
      );
      assert.equal(await shop.end(), end);
      assert.equal(shop.stderr(), '');

      const spans = await shop.spans();
      const traces = groupTraces(spans);
      assert.deepEqual(traces.map(traceTree), [orderTrace, orderTrace]);
      assert.deepEqual(new Set(spans.map(({ serviceName }) => serviceName)), new Set(['shop']));
    });
  }
  for (const extension of ['cjs', 'mjs']) {
    test(`bundled to .${extension}, nothing handed over: Node's own HTTP is traced, and SPOOR_DEBUG says what is not, and why`, async (t) => {
      const args = ['--import', preload, `dist-test/bundles/plain.${extension}`];
      const shop = await start(t, args, { SPOOR_DEBUG: '1' });
      await shop.ask(`/orders/${newOrder()}`);
      await shop.end();
      const trace = [{ 'server GET': [{ 'client GET': ['server GET'] }] }];
      assert.deepEqual(traceTree(await shop.spans()), trace);
      for (const library of ['express', 'ioredis', 'pg']) {
        const row = `spoor: ${library} +not loaded +not used, or bundled: hand it over with install\\({ module }\\)\n`;
        assert.match(shop.stderr(), new RegExp(row));
      }
    });
  }

  test('what is handed over is in the table of SPOOR_DEBUG', async (t) => {
    const shop = await start(t, ['dist-test/bundles/auto.mjs'], { SPOOR_DEBUG: '1' });
    await shop.ask(`/orders/${newOrder()}`);
    await shop.end();
    for (const library of ['express', 'ioredis', 'pg', 'pg-pool'])
      assert.match(shop.stderr(), new RegExp(`spoor: ${library} +hooked +handed over\n`));
  });

  for (const args of [['plain.cjs'], ['--require', preload, 'plain.cjs']]) {
    test(`node ${args.join(' ')} ends as its own listener for SIGTERM wants, or by the signal`, async (t) => {
      for (const [env, end] of [
        [{ CLOSE_AT_SIGTERM: '1' }, 0],
        [{}, 'SIGTERM'],
      ]) {
        const shop = await start(t, args, env);
        const id = newOrder();
        await shop.ask(`/orders/${id}`);
        assert.equal(await shop.end(), end);
        const expected = args.length === 1 ? [] : orderTrace;
        assert.deepEqual(traceTree(await shop.spans()), expected);
      }
    });
  }
});
