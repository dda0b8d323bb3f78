// Answers `/report/:end` with what a worker thread has found out; the trace goes with the order. Prints its port.
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { opentracing } = require('@spoor/core');
const express = require('express');

const app = express();
app.get('/report/:end', (request, response) => {
  const carrier = {};
  const tracer = opentracing.globalTracer();
  tracer.inject(request.span, opentracing.FORMAT_TEXT_MAP, carrier);
  const { end } = request.params;
  const worker = new Worker(path.join(__dirname, 'report.cjs'), { workerData: { carrier, end } });
  let report;
  worker.once('message', (message) => {
    report = message;
    if (end === 'terminate') void worker.terminate();
  });
  worker.once('error', (error) => {
    report = error.message;
  });
  worker.once('exit', () => response.json(report));
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${server.address().port}\n`);
});
