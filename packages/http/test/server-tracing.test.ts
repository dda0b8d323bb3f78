import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { InMemoryReporter, PerOperationSampler, setGlobalTracer, Tracer } from '@spoor/core';
import {
  type Framework,
  type ServerOptions,
  ServerTracing,
  spanOf,
  traceRequests,
} from '@spoor/http';
import { awaitSpans } from '@spoor/testing';
import { get, type Listener, record, serve } from './helpers.js';

function traced(
  t: TestContext,
  options: ServerOptions,
  handler: Listener,
  framework: Framework<IncomingMessage> = { name: 'made-up', routeOf: () => '/fixed' },
): Promise<string> {
  const tracing = new ServerTracing('trace', framework, options);
  return serve(t, (request, response) =>
    tracing.trace(request, response, request, () => handler(request, response)),
  );
}

test('the tracer of the options wins over the global one', async (t) => {
  const [own, global] = [record(), record()];
  setGlobalTracer(global.tracer);
  const url = await traced(t, { tracer: own.tracer }, (_, response) => response.end());

  await get(url);

  await own.finished(1);
  assert.deepEqual([own.reporter.spans.length, global.reporter.spans.length], [1, 0]);
});

test('a global tracer that is set after the server was made is used', async (t) => {
  const { tracer, finished } = record();
  const url = await traced(t, {}, (_, response) => response.end());
  setGlobalTracer(tracer);

  await get(url);

  assert.equal((await finished(1))[0]?.operationName, 'GET /fixed');
});

test('a route that is sampled is found late, and its span has all that was on it before', async (t) => {
  const reporter = new InMemoryReporter();
  const sampler = new PerOperationSampler({
    defaultSamplingProbability: 0,
    defaultLowerBoundTracesPerSecond: 0,
    perOperationStrategies: [{ operation: 'GET /fixed', samplingRate: 1 }],
  });
  const tracer = new Tracer('test', { reporter, sampler });
  const url = await traced(t, { tracer }, (_, response) => response.end());

  await get(`${url}/path`);

  const [span] = await awaitSpans(reporter)(1);
  assert.deepEqual(
    ['http.method', 'http.url', 'http.status_code', 'sampler.type'].map((key) => span?.tags[key]),
    ['GET', `${url}/path`, 200, 'probabilistic'],
  );
});

test('the span of a request can be asked for', async (t) => {
  const { tracer, finished } = record();
  let span: string | undefined;
  const url = await traced(t, { tracer }, (request, response) => {
    span = spanOf(request)?.toString();
    response.end();
  });

  await get(url);

  assert.equal(span, (await finished(1))[0]?.context.toString());
});

test('a client on IPv6 has its address in peer.ipv6', async (t) => {
  const { tracer, finished } = record();
  const server = createServer(traceRequests((_, response) => response.end(), { tracer }));
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  t.after(() => server.close());

  await get(`http://[::1]:${(server.address() as AddressInfo).port}`);

  assert.equal((await finished(1))[0]?.tags['peer.ipv6'], '::1');
});

test('a fault of the instrumentation never reaches the request', async (t) => {
  const { tracer, finished } = record();
  const errors = t.mock.method(console, 'error', () => {});
  const faulty = {
    name: 'faulty',
    routeOf() {
      throw new Error('from routeOf');
    },
  };
  const url = await traced(t, { tracer }, (_, response) => response.end('fine'), faulty);

  assert.equal(await get(url), 'fine');

  await finished(1);
  assert.match(String(errors.mock.calls[0]?.arguments[0]), /the faulty instrumentation failed/);
});
