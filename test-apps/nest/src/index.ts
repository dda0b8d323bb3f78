export { Events } from './events.controller.js';
export { startOnExpress } from './on-express.js';
export { startOnFastify } from './on-fastify.js';
