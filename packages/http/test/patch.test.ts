import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import http from 'node:http';
import { createServer as createNetServer, Server as NetServer } from 'node:net';
import { test } from 'node:test';
import { activeSpan } from '@spoor/core';
import {
  install,
  ServerTracing,
  spanOf,
  traceRequests,
  traceUpgrades,
  uninstall,
} from '@spoor/http';
import { listen } from '@spoor/testing';
import { get, patch, record, serve } from './helpers.js';

test('a server that was made before the patch is traced like one made after', async (t) => {
  const { tracer, finished } = record();
  const early = await serve(t, (_, response) => response.end());
  patch(t, { tracer });
  const late = await serve(t, (_, response) => response.end());

  await get(`${early}/early`);
  await get(`${late}/late`);

  const spans = await finished(2);
  assert.deepEqual(
    spans.map(({ tags }) => new URL(String(tags['http.url'])).pathname),
    ['/early', '/late'],
  );
});

test('once uninstalled there are no spans, and the method is the one that it was', async (t) => {
  const { tracer, reporter } = record();
  const url = await serve(t, (_, response) => response.end());

  install({ server: { tracer } });
  assert.ok(Object.hasOwn(NetServer.prototype, 'emit'));
  uninstall();
  await get(url);

  assert.deepEqual(reporter.spans, []);
  assert.ok(!Object.hasOwn(NetServer.prototype, 'emit'));
  assert.equal(NetServer.prototype.emit, EventEmitter.prototype.emit);
});

test('a patch of somebody else on top survives, and ours below it stands aside', async (t) => {
  const { tracer, reporter } = record();
  const url = await serve(t, (_, response) => response.end());
  install({ server: { tracer } });
  const ours = NetServer.prototype.emit;
  let seen = 0;
  NetServer.prototype.emit = function theirs(this: NetServer, ...args: unknown[]) {
    if (args[0] === 'request') seen++;
    return Reflect.apply(ours, this, args) as boolean;
  };
  t.after(() => Reflect.deleteProperty(NetServer.prototype, 'emit'));

  uninstall();
  await get(url);

  assert.equal(seen, 1);
  assert.deepEqual(reporter.spans, []);
});

test('installed again it goes by the new options, with one span for a request', async (t) => {
  const [first, second] = [record(), record()];
  const url = await serve(t, (_, response) => response.end());
  patch(t, { tracer: first.tracer });
  patch(t, { tracer: second.tracer, ignore: '/health' });

  await get(`${url}/health`);
  await get(url);

  assert.equal((await second.finished(1)).length, 1);
  assert.deepEqual(first.reporter.spans, []);
});

test('an unknown option is refused with the one that was meant', () => {
  assert.throws(() => install({ sever: {} } as object), {
    name: 'SpoorError',
    message: 'install.sever: unknown option. Did you mean install.server?',
  });
  assert.throws(() => install({ server: { ignored: [] } as object }), {
    message: 'install.server.ignored: unknown option. Did you mean install.server.ignore?',
  });
});

test('what is no object of options, or no listener, is refused', () => {
  assert.throws(
    () => install(5 as never),
    /^SpoorError: install: expected an object of options, got 5\.$/,
  );
  assert.throws(() => install({ server: 5 as never }), {
    message: 'install.server: expected an object of options, got 5.',
  });
  assert.throws(() => traceRequests(undefined as never), {
    message:
      'traceRequests: expected a listener. Write createServer(traceRequests((request, …) => …)).',
  });
  assert.throws(() => traceUpgrades({} as never), {
    message:
      "traceUpgrades: expected a listener. Write server.on('upgrade', traceUpgrades((request, …) => …)).",
  });
});

test('the arguments, the receiver and the result of emit are what they were', (t) => {
  patch(t, { tracer: record().tracer });
  const server = http.createServer();
  const seen: unknown[] = [];
  server.on('custom', function (this: unknown, ...args: unknown[]) {
    seen.push(this, ...args);
  });

  assert.equal(server.emit('custom', 1, 2, 3), true);
  assert.equal(server.emit('nobody listens'), false);
  assert.deepEqual(seen, [server, 1, 2, 3]);
  assert.equal(server.emit.name, 'emit');
  assert.equal(server.emit.length, EventEmitter.prototype.emit.length);
});

test('a server of another protocol may have events of the same names', (t) => {
  const { tracer, reporter } = record();
  patch(t, { tracer });
  const server = createNetServer();
  const seen: unknown[] = [];
  for (const name of ['request', 'upgrade', 'connect']) {
    server.on(name, (...args) => seen.push(args));
    server.emit(name);
    server.emit(name, { rawHeaders: 'none' }, 2);
  }

  assert.equal(seen.length, 6);
  assert.deepEqual(reporter.spans, []);
});

test('what a listener throws arrives where it would have', (t) => {
  patch(t, { tracer: record().tracer });
  const server = http.createServer(() => {
    throw new RangeError('from the listener');
  });
  const request = new http.IncomingMessage(null as never);

  assert.throws(
    () => server.emit('request', request, new http.ServerResponse(request)),
    /^RangeError: from the listener$/,
  );
});

test('checkContinue and the request that the listener makes of it are one span', async (t) => {
  const { tracer, finished, reporter } = record();
  patch(t, { tracer });
  const active: unknown[] = [];
  const server = http.createServer((request, response) => {
    active.push(activeSpan()?.toString());
    request.resume().on('end', () => response.end('done'));
  });
  server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
    active.push(activeSpan()?.toString());
    response.writeContinue();
    server.emit('request', request, response);
  });
  const url = await listen(t, server);

  await new Promise<void>((resolve) => {
    const request = http.request(url, { method: 'POST', headers: { expect: '100-continue' } });
    request.on('continue', () => request.end('body'));
    request.on('response', (response) => response.resume().on('end', resolve));
  });

  const [span] = await finished(1);
  assert.deepEqual(active, [span?.context.toString(), span?.context.toString()]);
  assert.equal(reporter.spans.length, 1);
});

/** A framework's middleware inside a server that the patch traces. */
const framework = { name: 'framework', routeOf: () => '/things/:id' };

test("under the patch a middleware's name, tags and hooks count", async (t) => {
  const { tracer, finished, reporter } = record();
  patch(t, { tracer });
  const tracing = new ServerTracing('trace', framework, {
    tracer,
    requestHeaders: ['x-tenant'],
    isError: (status) => status === 404,
    responseHeader: 'traceresponse',
    onRequest: (span) => span.setTag('from.request', true),
    onResponse: (span) => span.setTag('from.response', true),
  });
  const url = await serve(t, (request, response) =>
    tracing.trace(request, response, request, () => response.writeHead(404).end()),
  );

  const response = await fetch(`${url}/things/1`, { headers: { 'x-tenant': 'acme' } });
  await response.arrayBuffer();

  const [span] = await finished(1);
  assert.equal(span?.operationName, 'GET /things/:id');
  assert.equal(span.tags.component, 'framework');
  assert.equal(span.tags['http.request.header.x-tenant'], 'acme');
  assert.equal(span.tags['from.request'], true);
  assert.equal(span.tags['from.response'], true);
  assert.equal(span.tags.error, true);
  assert.ok(response.headers.get('traceresponse')?.includes(span.context.toSpanId()));
  assert.equal(reporter.spans.length, 1);
});

test('under the patch a request that a middleware ignores has no span', async (t) => {
  const { tracer, finished, reporter } = record();
  patch(t, { tracer });
  const tracing = new ServerTracing('trace', framework, { tracer, ignore: '/health' });
  const url = await serve(t, (request, response) =>
    tracing.trace(request, response, request, () => {
      tracer.startSpan('below').finish();
      response.end(String(spanOf(request)));
    }),
  );

  assert.equal(await get(`${url}/health`), 'undefined');
  await get(`${url}/other`);

  assert.deepEqual(
    (await finished(2)).map(({ operationName }) => operationName),
    ['below', 'GET /things/:id'],
  );
  assert.equal(reporter.spans.length, 2);
});

test('a request that the patch ignores stays ignored in a middleware', async (t) => {
  const { tracer, reporter } = record();
  patch(t, { tracer, ignore: '/health' });
  const url = await serve(
    t,
    traceRequests((_, response) => response.end(), { tracer }),
  );

  await get(`${url}/health`);

  assert.deepEqual(reporter.spans, []);
});
