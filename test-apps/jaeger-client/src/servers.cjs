// Two Express services in one process, each traced by hand, with what the environment says.
const { once } = require('node:events');
const express = require('express');
const { initTracerFromEnv, opentracing } = require('jaeger-client');

const { FORMAT_HTTP_HEADERS, Tags } = opentracing;

function traced(tracer) {
  return (req, res, next) => {
    const parent = tracer.extract(FORMAT_HTTP_HEADERS, req.headers);
    const span = tracer.startSpan(req.method, {
      childOf: parent,
      tags: { [Tags.SPAN_KIND]: Tags.SPAN_KIND_RPC_SERVER, [Tags.HTTP_METHOD]: req.method },
    });
    req.span = span;
    res.on('finish', () => {
      span.setOperationName(`${req.method} ${req.route?.path ?? 'unknown'}`);
      span.setTag(Tags.HTTP_STATUS_CODE, res.statusCode);
      if (res.statusCode >= 500) span.setTag(Tags.ERROR, true);
      span.finish();
    });
    next();
  };
}

async function call(tracer, parent, url) {
  const span = tracer.startSpan('GET', { childOf: parent });
  span.addTags({ [Tags.SPAN_KIND]: Tags.SPAN_KIND_RPC_CLIENT, [Tags.HTTP_METHOD]: 'GET' });
  const headers = {};
  tracer.inject(span.context(), FORMAT_HTTP_HEADERS, headers);
  const response = await fetch(url, { headers });
  span.setTag(Tags.HTTP_STATUS_CODE, response.status);
  span.finish();
  return response.text();
}

async function listen(app) {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

async function main() {
  const config = { sampler: { type: 'const', param: 1 } };
  const stock = initTracerFromEnv({ ...config, serviceName: 'stock' });
  const shop = initTracerFromEnv({ ...config, serviceName: 'shop' }, { tags: { region: 'eu' } });

  const stockApp = express().use(traced(stock));
  stockApp.get('/items/:id', (req, res) => {
    req.span.log({ event: 'looked up', id: req.params.id });
    res.status(req.params.id === '13' ? 500 : 200).send(req.span.getBaggageItem('user'));
  });
  const back = await listen(stockApp);

  const shopApp = express().use(traced(shop));
  shopApp.get('/buy/:id', async (req, res) => {
    req.span.setBaggageItem('user', 'zoë & co');
    res.send(await call(shop, req.span, `${back.url}/items/${req.params.id}`));
  });
  const front = await listen(shopApp);

  for (const [id, headers] of [
    ['1', {}],
    ['13', {}],
    ['2', { 'uber-trace-id': '00000000000000ab:00000000000000cd:0:1' }],
    ['3', { 'uber-trace-id': '00000000000000ab:00000000000000cd:0:0' }],
    ['4', { 'jaeger-debug-id': 'ticket-7', 'jaeger-baggage': 'plan=gold' }],
    ['5', { 'uber-trace-id': 'nonsense' }],
  ]) {
    const response = await fetch(`${front.url}/buy/${id}`, { headers });
    console.log(id, response.status, await response.text());
  }
  for (const { server } of [front, back]) server.close().closeAllConnections();
  stock.close(() => shop.close(() => console.log('closed')));
}

void main();
