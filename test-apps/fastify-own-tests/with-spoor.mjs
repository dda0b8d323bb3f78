// node --import with-spoor.mjs FILE: every Fastify instance of FILE has the plugin, before the file gets to see it.
import { subscribe } from 'node:diagnostics_channel';
import { ConstSampler, Tracer } from '@spoor/core';
import { jaegerPlugin } from '@spoor/fastify';

let spanCount = 0;
const reporter = {
  report() {
    spanCount++;
  },
  async flush() {},
  async close() {},
};
const tracer = new Tracer('fastify-own-tests', { sampler: new ConstSampler(true), reporter });

subscribe('fastify.initialization', ({ fastify }) => {
  fastify.register(jaegerPlugin, { tracer });
});

process.on('exit', () => process.stdout.write(`# finished spans: ${spanCount}\n`));
