import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ConstSampler, InMemoryReporter, setGlobalTracer, Tracer } from '@spoor/core';
import { type ServerOptions, ServerTracing, spanOf } from '@spoor/http';

const framework = { name: 'made-up', routeOf: () => '/fixed' };

async function serve(
  t: TestContext,
  options: ServerOptions,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const tracing = new ServerTracing('trace', framework, options);
  const server = createServer((request, response) =>
    tracing.trace(request, response, request, () => handler(request, response)),
  );
  await new Promise<void>((resolve) => server.listen(0, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

function tracer(reporter: InMemoryReporter): Tracer {
  return new Tracer('test', { reporter, sampler: new ConstSampler(true) });
}

test('the tracer of the options wins over the global one', async (t) => {
  const [own, global] = [new InMemoryReporter(), new InMemoryReporter()];
  setGlobalTracer(tracer(global));
  const url = await serve(t, { tracer: tracer(own) }, (_, response) => response.end());

  await (await fetch(url)).text();

  assert.deepEqual([own.spans.length, global.spans.length], [1, 0]);
});

test('a global tracer that is set after the server was made is used', async (t) => {
  const reporter = new InMemoryReporter();
  const url = await serve(t, {}, (_, response) => response.end());
  setGlobalTracer(tracer(reporter));

  await (await fetch(url)).text();

  assert.equal(reporter.spans[0]?.operationName, 'GET /fixed');
});

test('the span of a request can be asked for', async (t) => {
  const reporter = new InMemoryReporter();
  let span: string | undefined;
  const url = await serve(t, { tracer: tracer(reporter) }, (request, response) => {
    span = spanOf(request)?.toString();
    response.end();
  });

  await (await fetch(url)).text();

  assert.equal(span, reporter.spans[0]?.context.toString());
});

test('a client on IPv6 has its address in peer.ipv6', async (t) => {
  const reporter = new InMemoryReporter();
  const url = await serve(t, { tracer: tracer(reporter) }, (_, response) => response.end());

  await (await fetch(url.replace('localhost', '[::1]'))).text();

  assert.equal(reporter.spans[0]?.tags['peer.ipv6'], '::1');
});

test('a fault of the instrumentation never reaches the request', async (t) => {
  const reporter = new InMemoryReporter();
  const tracing = new ServerTracing(
    'trace',
    {
      name: 'faulty',
      routeOf() {
        throw new Error('from routeOf');
      },
    },
    { tracer: tracer(reporter) },
  );
  const errors = t.mock.method(console, 'error', () => {});
  const server = createServer((request, response) =>
    tracing.trace(request, response, request, () => response.end('fine')),
  );
  await new Promise<void>((resolve) => server.listen(0, resolve));
  t.after(() => server.close());

  const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}`);

  assert.equal(await response.text(), 'fine');
  assert.equal(reporter.spans.length, 1);
  assert.match(String(errors.mock.calls[0]?.arguments[0]), /the faulty instrumentation failed/);
});
