import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { type TestContext, test } from 'node:test';
import { listen, localhostCertificate } from '@spoor/testing';
import { answerTo, traceClients } from './client-helpers.js';

const { cert: ca } = localhostCertificate;

async function serveTls(t: TestContext): Promise<string> {
  const server = https.createServer({ ...localhostCertificate }, (request, response) =>
    response.end(request.headers['uber-trace-id']),
  );
  return (await listen(t, server)).replace('http:', 'https:');
}

const ownAgent = new https.Agent({ keepAlive: true });

for (const agent of [undefined, false, ownAgent] as const) {
  const name = agent === undefined ? 'the global agent' : agent ? 'an agent' : 'agent: false';
  test(`https with ${name}: a request is a client span, and the server gets its context`, async (t) => {
    const { tracer, finished } = traceClients(t);
    const url = await serveTls(t);
    t.after(() => ownAgent.destroy());
    const parent = tracer.startSpan('parent');

    const text = await tracer.withSpan(parent, () =>
      answerTo(https.get(`${url}/x`, { ca, agent })),
    );

    const [span] = await finished(1);
    assert.equal(text, span!.context.toString());
    assert.equal(span!.parentId, parent.context().toSpanId());
    assert.equal(span!.tags['http.url'], `${url}/x`);
    assert.equal(span!.tags['peer.port'], Number(new URL(url).port));
    assert.equal(span!.tags['peer.ipv4'], '127.0.0.1');
  });
}

test('a certificate that is not trusted is an error with its reason', async (t) => {
  const { finished } = traceClients(t);
  const url = await serveTls(t);

  const [error] = await once(https.get(url, { agent: false }), 'error');

  const [span] = await finished(1);
  assert.equal(span!.tags.error, true);
  assert.equal(span!.logs[0]?.fields.message, error.message);
});
