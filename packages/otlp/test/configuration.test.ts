import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { initTracer, type Tracer, type TracingConfig } from '@spoor/core';
import { startOtlpCollector } from '@spoor/testing';
import { RecordedLog } from './helpers.js';

const environment = Object.entries(process.env).filter(([name]) => /^(JAEGER|OTEL)_/.test(name));

/** Sets these variables, and none other that Spoor reads, until the test ends. */
function setEnvironment(t: TestContext, variables: Record<string, string>): void {
  const clear = (): void => {
    for (const name of Object.keys(process.env)) {
      if (/^(JAEGER|OTEL)_/.test(name)) delete process.env[name];
    }
  };
  clear();
  Object.assign(process.env, variables);
  t.after(() => {
    clear();
    Object.assign(process.env, Object.fromEntries(environment));
  });
}

function start(
  t: TestContext,
  variables: Record<string, string>,
  config: TracingConfig = {},
): { tracer: Tracer; errors: string[]; values: Record<string, unknown> } {
  setEnvironment(t, variables);
  const logger = new RecordedLog();
  const sampler = { type: 'const', param: 1 } as const;
  const tracer = initTracer({ serviceName: 'orders', sampler, ...config }, { logger });
  t.after(() => tracer.close());
  const written = Object.entries(tracer.describe().settings).filter(
    ([path, { from }]) => path.startsWith('reporter.') && from !== 'default',
  );
  return {
    tracer,
    errors: logger.errors,
    values: Object.fromEntries(written.map(([path, { value, from }]) => [path, [value, from]])),
  };
}

async function send(tracer: Tracer): Promise<void> {
  tracer.startSpan('a').finish();
  await tracer.flush();
}

test('OTEL_EXPORTER_OTLP_ENDPOINT alone sends spans there by OTLP, with the path added', async (t) => {
  const collector = await startOtlpCollector(t);
  const OTEL_EXPORTER_OTLP_ENDPOINT = `${collector.url}/base/?tenant=a`;
  const { tracer, errors } = start(t, { OTEL_EXPORTER_OTLP_ENDPOINT });
  await send(tracer);
  const { path, headers, batch } = collector.posts[0]!;
  assert.deepEqual(
    [path, headers['content-type'], batch.resource['service.name'], batch.spans[0]!.name],
    ['/base/v1/traces?tenant=a', 'application/x-protobuf', 'orders', 'a'],
  );
  assert.match(String(headers['user-agent']), /^Spoor-Node\/\d/);
  assert.deepEqual(errors, []);
});

test('what is said for traces alone wins, its endpoint as it is, headers add up, and a description shows none of them', async (t) => {
  const collector = await startOtlpCollector(t);
  const { tracer, errors, values } = start(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path?token=secret1`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=all,x-api-key=secret%2C2',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=traces',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '4000',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
  });
  await send(tracer);
  const { path, headers } = collector.posts[0]!;
  assert.deepEqual(
    [path, headers['x-tenant'], headers['x-api-key']],
    ['/own/path?token=secret1', 'traces', 'secret,2'],
  );
  assert.deepEqual(values, {
    'reporter.collectorEndpoint': [
      `${collector.url}/own/path?token=***`,
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    ],
    'reporter.protocol': ['otlp', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    'reporter.headers': [
      { 'x-tenant': '***', 'x-api-key': '***' },
      'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
    ],
    'reporter.timeoutMs': [4000, 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'],
  });
  assert.doesNotMatch(JSON.stringify(tracer.describe()), /secret/);
  assert.deepEqual(errors, []);
});

test('a JAEGER_ENDPOINT whose path is /v1/traces takes OTLP, with the credentials of Jaeger', async (t) => {
  const collector = await startOtlpCollector(t);
  const { tracer } = start(t, {
    JAEGER_ENDPOINT: `${collector.url}/v1/traces`,
    JAEGER_AUTH_TOKEN: 'secret',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-other=1',
  });
  await send(tracer);
  const { headers } = collector.posts[0]!;
  assert.deepEqual([headers.authorization, headers['x-other']], ['Bearer secret', undefined]);
});

for (const path of ['/adapt_a@b/api/otlp/traces', '/v1/traces/', '/v1/traces?tenant=a']) {
  test(`a JAEGER_ENDPOINT whose path is ${path} takes OTLP too`, async (t) => {
    const collector = await startOtlpCollector(t);
    await send(start(t, { JAEGER_ENDPOINT: collector.url + path }).tracer);
    assert.deepEqual(
      collector.posts.map((post) => post.path),
      [path],
    );
  });
}

test('with protocol: otlp a collector can have any path, and what the code says wins over the variables', async (t) => {
  const collector = await startOtlpCollector(t);
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const reporter = { collectorEndpoint: `${collector.url}/otlp`, protocol: 'otlp' } as const;
  await send(start(t, variables, { reporter }).tracer);
  assert.equal(collector.posts[0]!.path, '/otlp');
});

test('headers and time-out in the code win over the variables, name by name of the option', async (t) => {
  const collector = await startOtlpCollector(t);
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-a=variable',
    OTEL_EXPORTER_OTLP_TIMEOUT: '7000',
  };
  const reporter = { headers: { 'x-a': 'code' } };
  const { tracer, values } = start(t, variables, { reporter });
  await send(tracer);
  assert.equal(collector.posts[0]!.headers['x-a'], 'code');
  assert.deepEqual(values['reporter.timeoutMs'], [7000, 'OTEL_EXPORTER_OTLP_TIMEOUT']);
});

const there = 'http://127.0.0.1:1';
for (const { title, variables, errors, isObeyed } of [
  {
    title: 'grpc is not obeyed',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: there, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    errors: [
      'OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not spoken here, so OTEL_EXPORTER_OTLP_ENDPOINT is ignored. Write http/protobuf there, and into OTEL_EXPORTER_OTLP_ENDPOINT the port for that, mostly 4318.',
    ],
    isObeyed: false,
  },
  {
    title: 'http/json becomes http/protobuf',
    variables: {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${there}/v1/traces`,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    },
    errors: [
      'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: http/json is not spoken here; spans go as http/protobuf, which OTLP collectors take at the same place. Write http/protobuf.',
    ],
    isObeyed: true,
  },
  {
    title: 'a protocol may be written in capitals',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: there, OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/Protobuf' },
    errors: [],
    isObeyed: true,
  },
  {
    title: 'the port for gRPC is named',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317' },
    errors: [
      'OTEL_EXPORTER_OTLP_ENDPOINT: 4317 is the port for gRPC, and spans go there over HTTP. Write the port for that, mostly 4318.',
    ],
    isObeyed: true,
  },
  {
    title: 'an endpoint that has the path already is told of',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: `${there}/v1/traces/` },
    errors: [
      'OTEL_EXPORTER_OTLP_ENDPOINT: has /v1/traces already, which is added to it. Leave that out, or write OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.',
    ],
    isObeyed: true,
  },
  {
    title: 'an endpoint for traces without a path is told of',
    variables: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: there },
    errors: [
      `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: has no path, and none is added to it. Write ${there}/v1/traces, or OTEL_EXPORTER_OTLP_ENDPOINT.`,
    ],
    isObeyed: true,
  },
  {
    title: 'those for certificates and compression are told of',
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/etc/ca.pem',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/other.pem',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/etc/client.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/etc/client.key',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    },
    errors: [
      'OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: is not read here. Write NODE_EXTRA_CA_CERTS, which Node itself reads, for the same file.',
      'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: is not read here, and no certificate is shown to the collector. Write the URL of one that asks for none, such as one on this machine.',
      'OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" is not spoken here; spans go uncompressed, which OTLP collectors take too. Write none.',
    ],
    isObeyed: true,
  },
  {
    title: 'those for certificates mean nothing over http, nor does what asks for no compression',
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: there,
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/ca.pem',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/etc/client.pem',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_INSECURE: 'true',
    },
    errors: [],
    isObeyed: true,
  },
  {
    title: 'what is no URL is ignored',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    errors: [
      'OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL, got "collector:4318". Write http://localhost:4318. It is ignored.',
    ],
    isObeyed: false,
  },
  {
    title: 'headers that cannot be read are ignored, and not shown',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: there, OTEL_EXPORTER_OTLP_HEADERS: 'secret' },
    errors: [
      'OTEL_EXPORTER_OTLP_HEADERS: an entry cannot be read. Write key=value,key=value, with %2C for a comma and %25 for a percent sign. It is ignored.',
    ],
    isObeyed: true,
  },
  {
    title: 'a time-out that is none is ignored',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: there, OTEL_EXPORTER_OTLP_TIMEOUT: '10s' },
    errors: [
      'OTEL_EXPORTER_OTLP_TIMEOUT: expected milliseconds from 1 to 600000, got "10s", ignored. Write 10000 for ten seconds.',
    ],
    isObeyed: true,
  },
  {
    title: 'an endpoint that is not meant for traces is left alone',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: there, OTEL_TRACES_EXPORTER: 'none' },
    errors: [],
    isObeyed: false,
  },
  {
    title: 'an endpoint for all that is exported is one for traces',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: there, OTEL_TRACES_EXPORTER: 'console, otlp' },
    errors: [],
    isObeyed: true,
  },
  {
    title: 'empty variables say nothing',
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_EXPORTER_OTLP_TIMEOUT: '1' },
    errors: [],
    isObeyed: false,
  },
]) {
  test(`of variables for OTLP ${title}`, (t) => {
    const { values, errors: logged } = start(t, variables as Record<string, string>);
    assert.deepEqual(
      logged,
      errors.map((error) => `spoor: ${error}`),
    );
    assert.equal('reporter.collectorEndpoint' in values, isObeyed);
  });
}
