import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from './helpers.js';

const script = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const order = process.env.SPOOR_TEST_ORDER;
  const load = {
    async require() {
      return [require('@spoor/core'), require('@spoor/core/internal')];
    },
    async import() {
      return [await import('@spoor/core'), await import('@spoor/core/internal')];
    },
  };
  const first = await load[order === 'require first' ? 'require' : 'import']();
  const second = await load[order === 'require first' ? 'import' : 'require']();
  const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports').sort();
  const differing = [0, 1].flatMap((entry) => {
    const all = new Set([...names(first[entry]), ...names(second[entry])]);
    return [...all].filter((name) => first[entry][name] !== second[entry][name]);
  });
  const [{ Tracer, Span, withSpan, activeSpan, SpoorError, initTracer, globalTracer }] = first;
  const [other, internal] = second;
  const tracer = initTracer({ serviceName: 'orders' });
  const span = tracer.startSpan('a');
  console.log(JSON.stringify({
    differing,
    count: names(first[0]).length > 20 && names(first[1]).length > 3,
    instances: [tracer instanceof other.Tracer, span instanceof other.Span],
    active: withSpan(span, () => other.activeSpan() === span),
    global: other.globalTracer() === tracer,
    state: internal.processState.globalTracer === tracer,
    opentracing: require('opentracing').globalTracer().startSpan('b') instanceof Span,
  }));
  await tracer.close();
`;

const same = {
  differing: [],
  count: true,
  instances: [true, true],
  active: true,
  global: true,
  state: true,
  opentracing: true,
};

for (const flag of ['', '--no-experimental-require-module']) {
  for (const order of ['require first', 'import first']) {
    const title = `require and import give the same classes, ${order}${flag === '' ? '' : `, with ${flag}`}`;
    test(title, async () => {
      const { stdout } = await runScript(script, {
        nodeArgs: flag === '' ? [] : [flag],
        env: { SPOOR_TEST_ORDER: order },
      });
      assert.deepEqual(JSON.parse(stdout), same);
    });
  }
}

test('loading the package starts nothing and changes nothing', async () => {
  const { stdout, stderr } = await runScript(`
    const state = () => ({
      globals: Object.getOwnPropertyNames(globalThis),
      listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      resources: process.getActiveResourcesInfo().filter((name) => /Timeout|UDP|TCP/.test(name)),
    });
    const before = state();
    const { globalTracer } = await import('@spoor/core');
    console.log(JSON.stringify([before, state(), globalTracer() === undefined]));
  `);
  const [before, after, hasNoTracer] = JSON.parse(stdout);
  assert.deepEqual([after, hasNoTracer, stderr], [before, true, '']);
});

test('two copies of the package share the active span and the global tracer', async () => {
  const { stdout } = await runScript(`
    import { createRequire } from 'node:module';
    const one = await import('@spoor/core');
    const require = createRequire(import.meta.url);
    for (const file of Object.keys(require.cache)) delete require.cache[file];
    const two = require('@spoor/core');
    const tracer = one.initTracer({ serviceName: 'orders' });
    const span = tracer.startSpan('a');
    const child = one.withSpan(span, () => new two.Tracer('other').startSpan('b'));
    console.log(JSON.stringify({
      copies: one.Tracer !== two.Tracer,
      global: two.globalTracer() === tracer,
      active: one.withSpan(span, () => two.activeSpan() === span),
      sameTrace: child.context().toTraceId() === span.context().toTraceId(),
      error: new one.SpoorError('SPOOR_CONFIG', 'x') instanceof two.SpoorError,
    }));
    await tracer.close();
  `);
  assert.deepEqual(JSON.parse(stdout), {
    copies: true,
    global: true,
    active: true,
    sameTrace: true,
    error: true,
  });
});
