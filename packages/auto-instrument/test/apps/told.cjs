// Tells an instrumentation what to do before Spoor is loaded; prints the kinds of the spans of one request.
const { initTracer, InMemoryReporter } = require('@spoor/core');
const http = require('node:http');

const reporter = new InMemoryReporter();
initTracer({ serviceName: 'told', sampler: { type: 'const', param: 1 } }, { reporter });
require('@spoor/http').install({ client: false });
require('@spoor/auto-instrument');

const server = http
  .createServer((_request, response) => response.end())
  .listen(0, () => {
    http.get({ port: server.address().port, agent: false }, (response) => {
      response.resume().once('end', () => server.close());
    });
  });
process.on('exit', () => {
  process.stdout.write(reporter.spans.map(({ tags }) => tags['span.kind']).join());
});
