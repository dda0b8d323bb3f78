import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, clients, ours, theirs } from './clients.js';

type Span = InstanceType<Client['Span']>;
type Tracer = InstanceType<Client['Tracer']>;

function tracerOf(client: Client): { tracer: Tracer; spans: () => Span[] } {
  const reporter = new client.InMemoryReporter();
  const tracer = new client.Tracer('orders', reporter, new client.ConstSampler(true));
  return { tracer, spans: () => reporter.spans };
}

/** What a sampler says of itself, and how it decides when it is asked by hand. */
function describeSampler(client: Client): unknown[] {
  const { ConstSampler, ProbabilisticSampler, RateLimitingSampler, RemoteSampler } = client;
  const { PrioritySampler, TagEqualsSampler } = client.experimental;
  const remote = new RemoteSampler('orders', { refreshInterval: 0 });
  const samplers = [
    new ConstSampler(true),
    new ConstSampler(false),
    new ProbabilisticSampler(1),
    new ProbabilisticSampler(0),
    new RateLimitingSampler(0),
  ];
  const late = [
    new PrioritySampler([new ConstSampler(false), new ConstSampler(true)]),
    new TagEqualsSampler('user', [{ tagValue: 'anna' }]),
    remote,
  ];
  const span = tracerOf(client).tracer.startSpan('a');
  return [
    ...samplers.map((sampler) => {
      const tags = {};
      const isSampled = sampler.isSampled('a', tags);
      return [sampler.name(), String(sampler), isSampled, tags, sampler.onCreateSpan(span)];
    }),
    ...late.map((sampler) => [
      sampler.name(),
      sampler.apiVersion,
      sampler.onSetTag(span, 'user', 'bert'),
      sampler.onSetTag(span, 'user', 'anna'),
    ]),
    String(remote),
    new ConstSampler(true).equal(new ConstSampler(true)),
    new ProbabilisticSampler(0.5).equal(new ProbabilisticSampler(0.25)),
    new ProbabilisticSampler(0.5).update(0.5),
    new RateLimitingSampler(2).update(3),
  ];
}

test('samplers that are asked by hand say the same', () => {
  assert.deepEqual(describeSampler(ours), describeSampler(theirs));
});

test('a probabilistic sampler keeps its share, and only that', () => {
  for (const [name, client] of clients) {
    const sampler = new client.ProbabilisticSampler(0.25);
    const tracer = new client.Tracer('orders', new client.NoopReporter(), sampler);
    let count = 0;
    for (let i = 0; i < 4000; i++) if (tracer.startSpan('a').context().isSampled()) count++;
    assert.ok(count > 850 && count < 1150, `${name} has kept ${count} of 4000`);
  }
});

test('samplers call back when they are closed', () => {
  for (const [, client] of clients) {
    const { ConstSampler, RemoteSampler, experimental } = client;
    let count = 0;
    const closed = (): void => {
      count++;
    };
    new ConstSampler(true).close(closed);
    new RemoteSampler('orders').close(closed);
    new experimental.PrioritySampler([new ConstSampler(true), new ConstSampler(true)]).close(
      closed,
    );
    assert.equal(count, 3);
  }
});

test('a class that derives from a sampler decides as it says', () => {
  for (const [, client] of clients) {
    class OnlyPayments extends client.ConstSampler {
      override isSampled(operation: string, tags: Record<string, unknown>): boolean {
        return operation === 'pay' && super.isSampled(operation, tags);
      }
    }
    const tracer = new client.Tracer('orders', new client.NoopReporter(), new OnlyPayments(true));
    const kept = ['pay', 'look'].map((name) => tracer.startSpan(name).context().isSampled());
    assert.deepEqual(kept, [true, false]);
  }
});

test('what is no sampler is refused', () => {
  for (const [, client] of clients) {
    for (const sampler of [null, { apiVersion: 'SAMPLER_API_V3' }]) {
      assert.throws(
        () => new client.Tracer('orders', undefined, sampler as never),
        /Unrecognized sampler/,
      );
    }
  }
});

test('TestUtils finds tags, the last of several with one key', () => {
  for (const [, client] of clients) {
    const { tracer, spans } = tracerOf(client);
    tracer
      .startSpan('a', { tags: { a: 1, b: 'x' } })
      .setTag('a', 2)
      .finish();
    const span = spans()[0]!;
    const { hasTags, getTags } = client.TestUtils;
    assert.deepEqual([hasTags(span, { a: 2 }), hasTags(span, { c: 1 })], [true, false]);
    assert.deepEqual(getTags(span, ['a', 'b', 'c']), { a: 2, b: 'x' });
    assert.deepEqual(Object.keys(getTags(span)), ['sampler.type', 'sampler.param', 'a', 'b']);
  }
});

test('a reporter of the application is given the process, the spans with what is on them, and a callback', async () => {
  for (const [, client] of clients) {
    const seen: unknown[] = [];
    const reporter = {
      report(span: Span) {
        seen.push([
          span._operationName,
          span._tags.at(-1),
          span._logs[0]?.fields,
          span.serviceName,
        ]);
      },
      setProcess: (name: string, tags: { key: string }[]) =>
        seen.push([name, tags.map(({ key }) => key)]),
      close: (callback?: () => void) => callback?.(),
    };
    const tracer = new client.Tracer('orders', reporter, new client.ConstSampler(true), {
      tags: { region: 'eu' },
    });
    tracer.startSpan('a').setTag('user', 'anna').log({ event: 'b' }).finish();
    await new Promise<void>((resolve) => void tracer.close(resolve));
    assert.deepEqual(seen, [
      ['orders', ['region', 'jaeger.version', 'hostname', 'ip', 'client-uuid']],
      ['a', { key: 'user', value: 'anna' }, [{ key: 'event', value: 'b' }], 'orders'],
    ]);
  }
});

test('a sender of the application gets the same objects for Thrift', () => {
  const spansOf = (client: Client): unknown[] => {
    const appended: unknown[] = [];
    const reporter = new client.RemoteReporter({
      append(span, callback) {
        appended.push(JSON.parse(JSON.stringify(span)));
        callback(1);
      },
      flush: (callback) => callback(0),
      close() {},
      setProcess: ({ serviceName, tags }) =>
        void appended.push([serviceName, tags.find(({ key }) => key === 'region')]),
    });
    const sampler = new client.ConstSampler(true);
    const tracer = new client.Tracer('orders', reporter, sampler, { tags: { region: 'eu' } });
    const context = client.SpanContext.withStringIds('a1b2', 'c3d4', null, 1);
    context.finalizeSampling();
    const references = [new client.opentracing.Reference('follows_from', context)];
    const tags = { text: 'x', number: 1.5, truth: true, bytes: Buffer.from([1, 2]), nothing: null };
    tracer
      .startSpan('a', { references, tags, startTime: 1_600_000_000_000.25 })
      .log({ event: 'b' }, 1_600_000_000_001)
      .finish(1_600_000_000_002.5);
    tracer.close();
    const [process, span] = appended as [unknown, Record<string, unknown>];
    return [process, { ...span, spanId: 'by chance' }];
  };
  assert.deepEqual(spansOf(ours), spansOf(theirs));
});

test('TChannel: a handler and a channel are traced, and headers carry the trace from one to the other', () => {
  for (const [, client] of clients) {
    const { tracer, spans } = tracerOf(client);
    const bridge = new client.TChannelBridge(tracer);
    const handler = bridge.tracedHandler((_options, request, headers, _body, callback) => {
      assert.deepEqual(headers, { plain: '1' });
      assert.ok(request.context);
      callback(null, { ok: true });
    });
    const channel = bridge.tracedChannel({
      channel: { request: (options: Record<string, unknown>) => ({ ...options }) },
      send(request, endpoint, headers, body, callback) {
        const incoming = {
          ...request,
          arg1: endpoint,
          callerName: 'shop',
          remoteAddr: '10.0.0.1:80',
        };
        handler({}, incoming, headers ?? {}, body, callback);
        return 'sent';
      },
    });
    const request = channel.channel.request({ serviceName: 'stock' });
    let answer: unknown;
    const sent = channel.send(request, 'Stock::get', { plain: '1' }, {}, (_error, response) => {
      answer = response;
    });
    assert.deepEqual([sent, answer], ['sent', { ok: true }]);
    const [server, caller] = spans();
    assert.equal(server?.context().parentIdStr, caller?.context().spanIdStr);
    assert.deepEqual(
      client.TestUtils.getTags(server!, ['span.kind', 'peer.service', 'peer.port']),
      {
        'span.kind': 'server',
        'peer.service': 'shop',
        'peer.port': 80,
      },
    );
    assert.deepEqual(client.TestUtils.getTags(caller!, ['span.kind', 'peer.service']), {
      'span.kind': 'client',
      'peer.service': 'stock',
    });
  }
});
