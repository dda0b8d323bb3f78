import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type * as undici7 from 'undici';
import { serve, type Traced, tooOld, trace, versions } from './helpers.js';

const collectGarbage = exposeGarbageCollection();

interface Client {
  readonly name: string;
  readonly undici: typeof undici7 | undefined;
  fetch(url: string, init?: { signal?: AbortSignal }): Promise<undici7.Response>;
}

const clients: readonly Client[] = [
  { name: 'the global fetch', undici: undefined, fetch: fetch as unknown as Client['fetch'] },
  ...versions.map(({ name, undici }) => ({
    name,
    undici,
    fetch: (url: string, init?: object) =>
      undici!.fetch(url, { ...init, dispatcher: new undici!.Agent() }),
  })),
];

for (const { name, undici, fetch } of clients) {
  const skip = name === 'undici 8' && undici === undefined && tooOld;
  const label = name.startsWith('undici') ? `${name} fetch` : name;

  test(`${label}: given up before the answer is no error, and says that it was aborted`, {
    skip,
  }, async (t) => {
    const { finished } = trace(t);
    const controller = new AbortController();
    const { url } = await serve(t, () => controller.abort());

    await assert.rejects(fetch(url, { signal: controller.signal }), { name: 'AbortError' });

    assertAborted(await finished(1), undefined);
  });

  test(`${label}: given up in the middle of the body is no error, and keeps the status`, {
    skip,
  }, async (t) => {
    const { finished } = trace(t);
    const controller = new AbortController();
    const { url } = await serve(t, (_, response) => response.writeHead(200).write('some'));

    const response = await fetch(url, { signal: controller.signal });
    controller.abort();
    await assert.rejects(response.text());

    assertAborted(await finished(1), 200);
  });

  test(`${label}: given up with an error of one's own is an error with that reason`, {
    skip,
  }, async (t) => {
    const { finished } = trace(t);
    const controller = new AbortController();
    const { url } = await serve(t, () => controller.abort(new Error('too slow for me')));

    await assert.rejects(fetch(url, { signal: controller.signal }));

    const [span] = await finished(1);
    assert.equal(span!.tags.error, true);
    assert.equal(span!.logs[0]?.fields.message, 'too slow for me');
  });

  test(`${label}: a body that is cancelled is no error`, { skip }, async (t) => {
    const { finished } = trace(t);
    const { url } = await serve(t, (_, response) => response.end('x'.repeat(5_000_000)));

    await (await fetch(url)).body?.cancel();
    await (await fetch(url)).body?.cancel('enough');

    const [first, second] = await finished(2);
    assertAborted([first!], 200);
    assertAborted([second!], 200);
  });

  test(`${label}: a time limit is an error`, { skip }, async (t) => {
    const { finished } = trace(t);
    const controller = new AbortController();
    // Of a limit that is over before there is a connection undici does not say why the request was given up.
    const { url } = await serve(t, () => {
      const limit = AbortSignal.timeout(1);
      limit.addEventListener('abort', () => controller.abort(limit.reason));
    });

    await assert.rejects(fetch(url, { signal: controller.signal }), { name: 'TimeoutError' });

    const [span] = await finished(1);
    assert.equal(span!.tags.error, true);
    assert.equal(span!.logs[0]?.fields['error.kind'], 'TimeoutError');
  });

  test(`${label}: a name that is not found is an error with its reason`, { skip }, async (t) => {
    const { finished } = trace(t);

    await assert.rejects(fetch('http://nowhere.invalid/'));

    const [span] = await finished(1);
    assert.equal(span!.tags.error, true);
    assert.match(String(span!.logs[0]?.fields.message), /ENOTFOUND|EAI_AGAIN/);
  });

  test(`${label}: a URL that is none has no span`, { skip }, async (t) => {
    const { reporter } = trace(t);

    await assert.rejects(fetch('http://127.0.0.1:6667/'), TypeError);
    await assert.rejects(fetch('nothing'), TypeError);

    assert.deepEqual(reporter.spans, []);
  });

  test(`${label}: a server that hangs up in the middle of the body is an error, with the status`, {
    skip,
  }, async (t) => {
    const { finished } = trace(t);
    const { url } = await serve(t, (request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('some');
      setImmediate(() => request.socket.destroy());
    });

    await assert.rejects(fetch(url).then((response) => response.text()));

    const [span] = await finished(1);
    assert.equal(span!.tags.error, true);
    assert.equal(span!.tags['http.aborted'], undefined);
  });

  test(`${label}: a small body that is never read ends its span all the same`, {
    skip,
  }, async (t) => {
    const { finished } = trace(t);
    const { url } = await serve(t);

    const response = await fetch(url);

    const [span] = await finished(1);
    assert.equal(span!.tags['http.status_code'], 200);
    assert.equal(response.bodyUsed, false);
  });

  test(`${label}: a large body that is never read ends its span when the response is garbage`, {
    skip,
  }, async (t) => {
    const { finished } = trace(t);
    const { url } = await serve(t, (_, response) => response.end('x'.repeat(5_000_000)));

    await (async () => void (await fetch(url)))();
    const collecting = setInterval(collectGarbage, 20);
    t.after(() => clearInterval(collecting));

    const [span] = await finished(1);
    assert.equal(span!.tags['http.body'], 'unread');
    assert.equal(span!.tags['http.status_code'], 200);
    assert.equal(span!.tags.error, undefined);
  });
}

for (const { name, undici } of versions) {
  const skip = undici === undefined && tooOld;

  test(`${name} request: a large body that is never read ends its span with its connection`, {
    skip,
  }, async (t) => {
    const { finished, reporter } = trace(t);
    const sockets: Socket[] = [];
    const { url } = await serve(t, ({ socket }, response) => {
      sockets.push(socket);
      response.end('x'.repeat(5_000_000));
    });
    const dispatcher = new undici!.Agent();

    const { body } = await undici!.request(url, { dispatcher });
    body.on('error', () => {});
    assert.deepEqual(reporter.spans, []);
    await dispatcher.destroy();

    const [span] = await finished(1);
    assert.equal(span!.tags['http.status_code'], 200);
    assert.equal(span!.tags.error, true);
  });

  test(`${name} request: a body that is destroyed is no error`, { skip }, async (t) => {
    const { finished } = trace(t);
    const { url } = await serve(t, (_, response) => response.end('x'.repeat(5_000_000)));
    const dispatcher = new undici!.Agent();
    t.after(() => dispatcher.destroy());

    const { body } = await undici!.request(url, { dispatcher });
    body.on('error', () => {});
    body.destroy();

    assertAborted(await finished(1), 200);
  });

  for (const [option, error] of [
    ['headersTimeout', /HeadersTimeoutError/],
    ['bodyTimeout', /BodyTimeoutError/],
  ] as const) {
    test(`${name} request: a ${option} is an error with its reason`, { skip }, async (t) => {
      const { finished } = trace(t);
      const { url } = await serve(t, (_, response) => {
        if (option === 'bodyTimeout') response.writeHead(200).write('some');
      });
      const dispatcher = new undici!.Agent();
      t.after(() => dispatcher.destroy());

      await assert.rejects(
        undici!.request(url, { dispatcher, [option]: 50 }).then(({ body }) => body.text()),
      );

      const [span] = await finished(1);
      assert.equal(span!.tags.error, true);
      assert.match(String(span!.logs[0]?.fields['error.kind']), error);
    });
  }

  test(`${name} request: what only informs of the answer is not its status`, {
    skip,
  }, async (t) => {
    const { finished } = trace(t);
    const { url } = await serve(t, (_, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.writeHead(201).end('made');
    });
    const dispatcher = new undici!.Agent();
    t.after(() => dispatcher.destroy());

    await (await undici!.request(url, { dispatcher })).body.text();

    assert.equal((await finished(1))[0]?.tags['http.status_code'], 201);
  });
}

function assertAborted(
  [span]: Awaited<ReturnType<Traced['finished']>>,
  status: number | undefined,
): void {
  assert.deepEqual(
    [span?.tags['http.aborted'], span?.tags.error, span?.tags['http.status_code']],
    [true, undefined, status],
  );
}

/** Without a switch on the command line, so that the test runs as all others do. */
function exposeGarbageCollection(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
