import { test } from 'node:test';
import { ConstSampler, InMemoryReporter, Tracer } from '@spoor/core';
import { install, uninstall } from '@spoor/http';
import { awaitSpans, listen, tracedRequests } from '@spoor/testing';
import { adapters } from '../adapters/index.mjs';

export const foreign = { trace: '463ac35c9f6413ad', span: 'a2fb4a1d1a96d312' };
export const foreignHeader = { 'uber-trace-id': `${foreign.trace}:${foreign.span}:0:1` };

/** Every framework with its explicit middleware, and once more where the servers of the process are patched too. */
const setups = adapters.flatMap((adapter) => [
  { ...adapter, isPatched: false },
  { ...adapter, isPatched: true, name: `${adapter.name}, patched` },
]);

/** One behaviour for every framework: `check` gets a running application. */
export function forAll(title, check, { needsRoutes = false, ...how } = {}) {
  for (const setup of setups) {
    if (needsRoutes && !setup.hasRoutes) continue;
    test(`${setup.name}: ${title}`, async (t) => check(await start(t, setup, how), setup, t));
  }
}

async function start(t, setup, { options = {}, sampled = true, isTwice = false }) {
  const reporter = new InMemoryReporter();
  const finished = awaitSpans(reporter);
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(sampled) });
  const allOptions = { tracer, ...options };
  if (setup.isPatched) {
    install({ server: allOptions });
    t.after(uninstall);
  }
  // Nothing but the patch traces a server that no framework runs.
  const isTraced = setup.hasRoutes || !setup.isPatched;
  const { server, events } = await setup.start(tracer, allOptions, { isTraced, isTwice });
  const url = await listen(t, server);
  return {
    url,
    server,
    events,
    tracer,
    reporter,
    finished,
    ask: tracedRequests(url, reporter, finished),
  };
}

/** The name that a span should have: nobody routes in `node:http`. */
export const name = (setup, method, route) => (setup.hasRoutes ? `${method} ${route}` : method);
