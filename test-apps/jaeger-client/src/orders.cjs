// What the README of jaeger-client begins with: a tracer, spans, logs, a flush at the end.
const { initTracer } = require('jaeger-client');
const opentracing = require('opentracing');

const config = {
  serviceName: 'orders',
  sampler: { type: 'const', param: 1 },
  reporter: {
    logSpans: true,
    agentHost: process.env.JAEGER_AGENT_HOST,
    agentPort: Number(process.env.JAEGER_AGENT_PORT),
  },
};
const logger = {
  info: (message) => console.log('INFO', message),
  error: (message) => console.error('ERROR', message),
};
const tracer = initTracer(config, { tags: { 'orders.version': '1.1.2' }, logger });
opentracing.initGlobalTracer(tracer);

async function charge(parent, amount) {
  const span = opentracing.globalTracer().startSpan('charge', { childOf: parent });
  span.setTag('amount', amount);
  span.setTag(opentracing.Tags.SPAN_KIND, opentracing.Tags.SPAN_KIND_RPC_CLIENT);
  try {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (amount > 100) throw new Error('too much');
    span.log({ event: 'charged', currency: 'EUR', cents: amount * 100 + 0.5 });
  } catch (error) {
    span.setTag(opentracing.Tags.ERROR, true);
    span.log({ event: 'error', message: error.message });
  } finally {
    span.finish();
  }
}

async function main() {
  const root = tracer.startSpan('order', { tags: { user: 'anna', gift: false } });
  root.setBaggageItem('tenant', 'acme');
  root.log({ event: 'received', items: 2 });
  await charge(root, 12);
  await charge(root.context(), 120);

  const headers = {};
  tracer.inject(root, opentracing.FORMAT_HTTP_HEADERS, headers);
  const remote = tracer.extract(opentracing.FORMAT_HTTP_HEADERS, headers);
  const shipped = tracer.startSpan('ship', {
    references: [opentracing.followsFrom(remote)],
    tags: { [opentracing.Tags.SPAN_KIND]: opentracing.Tags.SPAN_KIND_RPC_SERVER },
  });
  console.log('tenant', shipped.getBaggageItem('tenant'), Object.keys(headers).join());
  shipped.addTags({ carrier: 'post', parcels: ['a', 'b'] });
  shipped.finish();
  root.finish();
  root.finish();

  const forced = tracer.startSpan('support', { tags: { 'sampling.priority': 1 } });
  console.log('debug', forced.context().isDebug(), forced.context().flags);
  forced.finish();
}

void main().then(() => tracer.close(() => console.log('closed')));
