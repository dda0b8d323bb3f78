import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listen, localhostCertificate, startRedis } from '@spoor/testing';
import { closing, connected, majors, names, sharedRedis, traced } from './support.js';

const server = await sharedRedis();
const { port } = server;

for (const { name, Redis } of majors) {
  test(`${name}: a command before the connection is ready is one span below its caller, the wait in it`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = closing(t, new Redis({ port, lazyConnect: true }));

    const startMs = Date.now();
    const parent = await within(async (span) => {
      await Promise.all([redis.get('k'), redis.pipeline().get('k').exec()]);
      return span;
    });
    const waitMs = Date.now() - startMs;

    assert.deepEqual(names(reporter).toSorted(), ['redis:GET', 'redis:PIPELINE']);
    for (const { parentId, durationMs } of reporter.spans) {
      assert.equal(parentId, parent.context().toSpanId());
      assert.ok(durationMs > 0 && durationMs <= waitMs + 2, `${durationMs} of ${waitMs}`);
    }
  });

  for (const requireActiveTrace of [true, false]) {
    test(`${name}: what sets a connection up has no span, even when a request opens it (requireActiveTrace ${requireActiveTrace})`, async (t) => {
      const { reporter, within } = traced(t, { requireActiveTrace });
      const secured = await startRedis(t, { args: ['--requirepass', 'hunter2'] });

      await within(async () => {
        const redis = closing(
          t,
          new Redis({
            port: secured.port,
            password: 'hunter2',
            db: 1,
            connectionName: 'a',
            readOnly: true,
          }),
        );
        await redis.get('k');
      });

      assert.deepEqual(names(reporter), ['redis:GET']);
      assert.equal(reporter.spans[0]!.tags['db.instance'], '1');
    });
  }

  test(`${name}: AUTH and HELLO by hand show no argument`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    await within(async () => {
      await redis.auth('user', 'hunter2').catch(() => {});
      await redis.call('HELLO', '2', 'AUTH', 'user', 'hunter2').catch(() => {});
      await redis.config('GET', 'requirepass');
    });

    assert.deepEqual(
      reporter.spans.map(({ tags }) => tags['db.statement']),
      ['AUTH', 'HELLO', 'CONFIG'],
    );
    assert.doesNotMatch(
      JSON.stringify(reporter.spans.map(({ tags, logs }) => [tags, logs])),
      /hunter2/,
    );
  });

  test(`${name}: a command that is sent again after a lost connection is one span`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port, retryStrategy: () => 1 });

    const popped = within(() => redis.blpop('resent', 0));
    await blocked();
    const ready = once(redis, 'ready');
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await ready;
    await server.command('RPUSH', 'resent', 'value');

    assert.deepEqual(await popped, ['resent', 'value']);
    assert.deepEqual(names(reporter), ['redis:BLPOP']);
    assert.equal(reporter.spans[0]!.tags.error, undefined);
  });

  test(`${name}: without an offline queue a command that is rejected at once is a span with an error`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = closing(t, new Redis({ port, enableOfflineQueue: false }));

    await assert.rejects(
      within(() => redis.get('k')),
      /Stream isn't writeable/,
    );

    assert.deepEqual(
      reporter.spans.map(({ operationName, tags }) => [operationName, tags.error]),
      [['redis:GET', true]],
    );
  });

  test(`${name}: a command whose time is up is an error; its late reply changes nothing`, async (t) => {
    const { reporter, within } = traced(t);
    const redis = await connected(t, Redis, { port });

    // For this command alone: what comes before and after it may take its time.
    redis.options.commandTimeout = 20;
    const popped = within(() => redis.blpop('late', 0));
    redis.options.commandTimeout = undefined;
    await assert.rejects(popped, /Command timed out/);
    await server.command('RPUSH', 'late', 'value');
    await redis.ping();

    assert.equal(reporter.spans.length, 1);
    assert.match(String(reporter.spans[0]!.logs[0]?.fields.message), /timed out/);
  });

  test(`${name}: commands that no server ever answers end with the connection`, async (t) => {
    const { reporter, within } = traced(t);
    const silent = createServer();
    const url = new URL(await listen(t, silent));
    const redis = closing(
      t,
      new Redis({
        port: Number(url.port),
        host: url.hostname,
        maxRetriesPerRequest: 0,
        retryStrategy: () => 1,
      }),
    );
    redis.on('error', () => {});
    silent.on('connection', (socket) => socket.destroy());

    await assert.rejects(
      within(() => redis.get('k')),
      { name: 'MaxRetriesPerRequestError' },
    );

    assert.equal(reporter.spans[0]!.tags.error, true);
  });

  test(`${name}: subscribe is a command; a message has no span, and no span is active in its listener`, async (t) => {
    const { tracer, reporter, within } = traced(t);
    const publisher = await connected(t, Redis, { port });

    const [message, active] = await within(async () => {
      const subscriber = closing(t, new Redis({ port }));
      const heard = new Promise<unknown[]>((resolve) =>
        subscriber.on('message', (_, text) => resolve([text, tracer.activeSpan()])),
      );
      await subscriber.subscribe('news');
      await publisher.publish('news', 'hello');
      return heard;
    });

    assert.deepEqual([message, active], ['hello', undefined]);
    assert.deepEqual(
      reporter.spans.map(({ tags }) => tags['db.statement']),
      ['SUBSCRIBE ?', 'PUBLISH ? ?'],
    );
  });

  test(`${name}: a command over TLS is a span like any other`, async (t) => {
    const { reporter, within } = traced(t);
    const { host, tlsPort } = await startRedis(t, { tls: true });
    const redis = await connected(t, Redis, {
      host,
      port: tlsPort!,
      tls: { ca: localhostCertificate.cert },
    });

    await within(() => redis.get('k'));

    assert.deepEqual(names(reporter), ['redis:GET']);
    assert.equal(reporter.spans[0]!.tags['peer.hostname'], host);
    assert.equal(reporter.spans[0]!.tags['peer.port'], tlsPort);
  });

  test(`${name}: an answer through a unix socket says which one it was`, async (t) => {
    const { reporter, within } = traced(t);
    const file = `/tmp/spoor-redis-${process.pid}-${Redis === majors[0]!.Redis ? 6 : 5}.sock`;
    await startRedis(t, { args: ['--unixsocket', file] });
    const redis = await connected(t, Redis, { path: file });

    await within(() => redis.get('k'));

    assert.equal(reporter.spans[0]!.tags['peer.address'], file);
    assert.equal(reporter.spans[0]!.tags['peer.port'], undefined);
  });
}

/** Resolves once the server holds a client that waits. */
async function blocked(): Promise<void> {
  while (!String(await server.command('INFO', 'clients')).includes('blocked_clients:1')) {
    // The answer of the server paces the loop.
  }
}
