// A worker thread: tells what PostgreSQL says, as a part of the trace that it was given, and ends in the way that it was told.
const { parentPort, workerData } = require('node:worker_threads');
const { globalTracer, opentracing } = require('@spoor/core');
const { Client } = require('pg');

async function report() {
  const client = new Client();
  await client.connect();
  const { rows } = await client.query("SELECT 'sold out' AS text");
  await client.end();
  return rows[0].text;
}

async function main() {
  const { carrier, end } = workerData;
  const tracer = globalTracer();
  const childOf = tracer.extract(opentracing.FORMAT_TEXT_MAP, carrier) ?? undefined;
  const span = tracer.startSpan('report', { childOf });
  const text = await tracer.withSpan(span, report);
  span.finish();
  if (end === 'terminate') {
    await tracer.flush();
    setInterval(() => {}, 1000);
  }
  if (end === 'throw') throw new Error('nobody catches this');
  parentPort.postMessage(text);
  if (end === 'exit') process.exit();
}

void main();
