import { test } from 'node:test';
import { ConstSampler, InMemoryReporter, RpcMetrics, Tracer } from '@spoor/core';
import { install, uninstall } from '@spoor/http';
import { awaitSpans, listen, tracedRequests } from '@spoor/testing';
import { adapters } from '../adapters/index.mjs';
import { CallCounts } from './call-counts.mjs';

export const foreign = { trace: '463ac35c9f6413ad', span: 'a2fb4a1d1a96d312' };
export const foreignHeader = { 'uber-trace-id': `${foreign.trace}:${foreign.span}:0:1` };

/** Every framework with its explicit middleware, where servers are patched too, and where everything is patched instead. */
const setups = adapters.flatMap((adapter) => [
  { ...adapter, isPatched: false, isExplicit: true },
  { ...adapter, isPatched: true, isExplicit: adapter.hasRoutes, name: `${adapter.name}, patched` },
  ...(adapter.hasRoutes
    ? [{ ...adapter, isPatched: true, isExplicit: false, name: `${adapter.name}, installed` }]
    : []),
]);

/** One behaviour for every framework: `check` gets a running application. */
export function forAll(title, check, { needsRoutes = false, ...how } = {}) {
  for (const setup of setups) {
    if (needsRoutes && !setup.hasRoutes) continue;
    test(`${setup.name}: ${title}`, async (t) => check(await start(t, setup, how), setup, t));
  }
}

async function start(
  t,
  setup,
  { options = {}, sampled = true, isTwice = false, countsCalls = false },
) {
  const reporter = new InMemoryReporter();
  const finished = awaitSpans(reporter);
  const calls = new CallCounts();
  const tracer = new Tracer('test', {
    reporter,
    sampler: new ConstSampler(sampled),
    observers: countsCalls ? [new RpcMetrics(calls)] : [],
  });
  const allOptions = { tracer, ...options };
  if (setup.isPatched) {
    install({ server: allOptions });
    t.after(uninstall);
  }
  if (setup.hasRoutes && !setup.isExplicit) {
    setup.install(allOptions);
    t.after(setup.uninstall);
  }
  const isTraced = setup.isExplicit;
  const { server, events } = await setup.start(tracer, allOptions, { isTraced, isTwice });
  const url = await listen(t, server);
  return {
    url,
    server,
    events,
    tracer,
    reporter,
    finished,
    calls,
    ask: tracedRequests(url, reporter, finished),
  };
}

/** The name that a span should have: nobody routes in `node:http`. */
export const name = (setup, method, route) => (setup.hasRoutes ? `${method} ${route}` : method);
