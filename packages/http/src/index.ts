// For framework packages: the life of a server span
export {
  type Framework,
  recordRequestError,
  type ServerOptions,
  ServerTracing,
  spanOf,
} from './server-tracing.js';
