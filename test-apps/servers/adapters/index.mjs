import { expressAdapters } from './express.mjs';
import { fastifyAdapters } from './fastify.mjs';
import { httpAdapter } from './http.mjs';
import { koaAdapters } from './koa.mjs';

/** The same application in every framework. `start(tracer, options)` gives a server that does not listen yet. */
export const adapters = [httpAdapter, ...expressAdapters, ...fastifyAdapters, ...koaAdapters];
