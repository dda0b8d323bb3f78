import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ConstSampler, InMemoryReporter, type Span, Tracer } from '@spoor/core';
import defaultExport, { jaegerPlugin } from '@spoor/fastify';
import fastify5, { type FastifyInstance } from 'fastify';
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
