import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { activeSpan, ConstSampler, InMemoryReporter, type Span, Tracer } from '@spoor/core';
import defaultExport, { jaegerPlugin } from '@spoor/fastify';
import fastify5, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import fastify4 from 'fastify-4';

const versions = [
  { name: 'Fastify 5', fastify: fastify5 },
  { name: 'Fastify 4', fastify: fastify4 as unknown as typeof fastify5 },
];

async function traced(
  t: TestContext,
  fastify: typeof fastify5,
): Promise<{ app: FastifyInstance; reporter: InMemoryReporter }> {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  const app = fastify();
  t.after(() => app.close());
  await app.register(jaegerPlugin, { tracer });
  return { app, reporter };
}

test('the plugin is exported by name and as the default', () => {
  assert.equal(defaultExport, jaegerPlugin);
});

for (const { name, fastify } of versions) {
  test(`${name}: request.span is the span, and typed`, async (t) => {
    const { app, reporter } = await traced(t, fastify);
    let seen: Span | undefined;
    app.get('/', async (request) => {
      seen = request.span;
      return 'ok';
    });

    await app.inject('/');

    assert.equal(seen?.toString(), reporter.spans[0]?.context.toString());
  });

  test(`${name}: a request that is injected without a connection has a span without a peer`, async (t) => {
    const { app, reporter } = await traced(t, fastify);
    app.get('/users/:id', async () => 'ok');

    const response = await app.inject('/users/1');

    assert.equal(response.statusCode, 200);
    assert.equal(reporter.spans[0]?.operationName, 'GET /users/:id');
    assert.equal(reporter.spans[0]?.tags['http.status_code'], 200);
    assert.equal(reporter.spans[0]?.tags['http.aborted'], undefined);
  });

  test(`${name}: a plugin of its own scope is traced like the rest, its hooks see the span`, async (t) => {
    const { app, reporter } = await traced(t, fastify);
    const seen: (string | undefined)[] = [];
    await app.register(
      (scope, _options, done) => {
        scope.addHook('preHandler', async (request) => {
          seen.push(request.span?.toString());
        });
        scope.addHook('onSend', async (request) => {
          seen.push(request.span?.toString());
        });
        scope.get('/inner', async () => 'ok');
        scope.setNotFoundHandler((_, reply) => {
          void reply.code(404).send('nothing here');
        });
        done();
      },
      { prefix: '/scope' },
    );

    await app.inject('/scope/inner');
    await app.inject('/scope/missing');

    assert.deepEqual(
      reporter.spans.map(({ operationName }) => operationName),
      ['GET /scope/inner', 'GET'],
    );
    assert.equal(seen[0], reporter.spans[0]?.context.toString());
    assert.equal(seen[1], reporter.spans[0]?.context.toString());
  });

  test(`${name}: handlers for what is not found have the span, which no route names`, async (t) => {
    const { app, reporter } = await traced(t, fastify);
    const seen: unknown[] = [];
    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<string> => {
      seen.push(request.span?.toString(), activeSpan()?.toString());
      reply.code(404);
      return 'nothing here';
    };
    app.setNotFoundHandler(answer);
    await app.register(
      (scope, _options, done) => {
        scope.setNotFoundHandler(answer);
        done();
      },
      { prefix: '/api' },
    );

    await app.inject('/nothing');
    await app.inject('/api/nothing');

    const spans = reporter.spans.map(({ context }) => context.toString());
    assert.deepEqual(seen, [spans[0], spans[0], spans[1], spans[1]]);
    for (const { operationName, tags } of reporter.spans) {
      assert.equal(operationName, 'GET');
      assert.equal(tags['http.route'], undefined);
    }
  });

  test(`${name}: every hook after the plugin has the span, in whichever order they were added`, async (t) => {
    const reporter = new InMemoryReporter();
    const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
    const app = fastify();
    t.after(() => app.close());
    const seen = new Map<string, string | undefined>();
    const see = (hook: string) => async (): Promise<void> => {
      seen.set(hook, activeSpan()?.toString());
    };
    app.addHook('preParsing', see('preParsing'));
    app.addHook('onSend', see('onSend'));
    app.addHook('onResponse', see('onResponse'));
    await app.register(jaegerPlugin, { tracer });
    app.addHook('onRequest', see('onRequest'));
    app.addHook('preValidation', see('preValidation'));
    app.addHook('preHandler', see('preHandler'));
    app.addHook('preSerialization', see('preSerialization'));
    app.post('/', async (request) => ({ got: request.body }));

    await app.inject({ method: 'POST', url: '/', payload: { a: 1 } });

    const span = reporter.spans[0]?.context.toString();
    assert.deepEqual(
      [...seen],
      [
        'onRequest',
        'preParsing',
        'preValidation',
        'preHandler',
        'preSerialization',
        'onSend',
        'onResponse',
      ].map((hook) => [hook, span]),
    );
  });

  test(`${name}: a stream as an answer is in the span to its end`, async (t) => {
    const { app, reporter } = await traced(t, fastify);
    app.get('/stream', (_request, reply) =>
      reply.send(
        Readable.from(
          (async function* chunks() {
            yield 'one ';
            await new Promise(setImmediate);
            yield String(activeSpan());
          })(),
        ),
      ),
    );

    const { body } = await app.inject('/stream');

    const [span] = reporter.spans;
    assert.equal(body, `one ${span?.context.toString()}`);
    assert.equal(span?.operationName, 'GET /stream');
    assert.equal(span.tags['http.aborted'], undefined);
  });

  test(`${name}: a request that the schema refuses is a 400 with the reason logged, and no error`, async (t) => {
    const { app, reporter } = await traced(t, fastify);
    const schema = { querystring: { type: 'object', required: ['q'], properties: { q: {} } } };
    app.get('/search', { schema }, async () => 'ok');

    await app.inject('/search');

    const [span] = reporter.spans;
    assert.equal(span?.operationName, 'GET /search');
    assert.equal(span?.tags['http.status_code'], 400);
    assert.equal(span?.tags.error, undefined);
    assert.match(String(span?.logs[0]?.fields.message), /must have required property 'q'/);
  });

  test(`${name}: a hijacked reply ends its span when it is closed`, async (t) => {
    const { app, reporter } = await traced(t, fastify);
    app.get('/raw', (_, reply) => {
      reply.hijack();
      reply.raw.writeHead(202).end('done');
    });

    await app.inject('/raw');

    assert.equal(reporter.spans[0]?.operationName, 'GET /raw');
    assert.equal(reporter.spans[0]?.tags['http.status_code'], 202);
  });
}
