// Starts a thread whose span is the only one.
const { globalTracer } = require('@spoor/core');
const { isMainThread, Worker } = require('node:worker_threads');

if (isMainThread) new Worker(__filename);
else globalTracer().startSpan('in a thread').finish();
