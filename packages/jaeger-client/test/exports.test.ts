import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { ThriftBinaryEncoder, ThriftCompactEncoder } from '@spoor/core';
import { decodeBatch, listen, startCollector } from '@spoor/testing';
import { ours, theirs } from './clients.js';

const require = createRequire(import.meta.url);

type Named = Record<string, unknown>;

/** The names of an object, and of what is in it, as `a`, `a.b`; of a class its methods, without what is private. */
function namesOf(object: object, path = ''): string[] {
  return Object.entries(object)
    .filter(([name]) => name !== 'default' && name !== '__esModule')
    .flatMap(([name, value]) => {
      const full = path + name;
      if (typeof value === 'function' && /^[A-Z]/.test(name))
        return [full, ...methodsOf(full, value)];
      const isFolder = typeof value === 'object' && value !== null && path === '';
      return isFolder ? [full, ...namesOf(value, `${full}.`)] : [full];
    })
    .sort();
}

function methodsOf(path: string, made: { prototype: object }): string[] {
  const names = new Set<string>();
  for (
    let level = made.prototype;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(`${path}#${name}`);
  }
  for (const name of Object.getOwnPropertyNames(made)) names.add(`${path}.${name}`);
  return [...names].filter((name) => !/[#.](_|constructor|length$|name$|prototype$)/.test(name));
}

test('everything that jaeger-client exports is exported, with every method, and nothing else', () => {
  assert.deepEqual(Object.keys(exported(ours)).sort(), Object.keys(theirs).sort());
  const missing = namesOf(theirs).filter((name) => !namesOf(ours).includes(name));
  const fields = [
    'ConstSampler#decision',
    'Span#operationName',
    'SpanContext#baggage',
    'SpanContext#debugId',
  ];
  // Named difference: probabilistic-by-trace-id.
  assert.deepEqual(missing.sort(), [...fields, 'ProbabilisticSampler#random'].sort());
  for (const field of fields) assert.ok(field.split('#')[1]! in made(field.split('#')[0]!), field);
  assert.deepEqual(Object.keys(ours.opentracing).sort(), Object.keys(theirs.opentracing).sort());
});

function made(className: string): object {
  const tracer = new ours.Tracer('orders');
  if (className === 'ConstSampler') return new ours.ConstSampler(true);
  return className === 'Span' ? tracer.startSpan('a') : new ours.SpanContext();
}

function exported(module: Named): Named {
  const { default: _default, __esModule: _esModule, ...names } = module;
  return names;
}

test('import has the same names and the same classes as require, by name and as one object', async () => {
  const imported = await import('@spoor/jaeger-client');
  assert.deepEqual(exported(imported), exported(ours));
  assert.deepEqual({ ...imported.default }, exported(imported));
  assert.equal(imported.default.initTracer, ours.initTracer);
});

test('senders can be loaded from where they lay, and RemoteReporter takes them', async (t) => {
  const collector = await startCollector(t);
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      bodies.push(Buffer.concat(chunks));
      response.writeHead(202).end();
    });
  });
  const endpoint = `${await listen(t, server)}/api/traces`;
  const { default: UDPSender } = require('@spoor/jaeger-client/dist/src/reporters/udp_sender');
  const { default: HTTPSender } = require('@spoor/jaeger-client/dist/src/reporters/http_sender.js');
  const reporter = new ours.CompositeReporter([
    new ours.RemoteReporter(new UDPSender({ host: '127.0.0.1', port: collector.port })),
    new ours.RemoteReporter(new HTTPSender({ endpoint })),
  ]);
  const tracer = new ours.Tracer('orders', reporter, new ours.ConstSampler(true));
  tracer.startSpan('a').finish();
  await new Promise<void>((resolve) => void tracer.close(resolve));

  const [span] = await collector.received(1);
  assert.equal(span?.operationName, 'a');
  assert.equal(collector.batches[0]?.protocol, 'binary');
  assert.deepEqual(
    bodies.map((body) => decodeBatch(body).spans[0]?.spanId),
    [span?.spanId],
  );
});

test('on port 6831, where an agent takes nothing else, spans are Thrift compact', () => {
  const { default: UDPSender } = require('@spoor/jaeger-client/dist/src/reporters/udp_sender');
  assert.ok(new UDPSender({ port: 6831 }).encoder instanceof ThriftCompactEncoder);
  assert.ok(new UDPSender().encoder instanceof ThriftBinaryEncoder);
});
