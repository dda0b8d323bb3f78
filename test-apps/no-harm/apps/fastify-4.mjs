export { default as compress } from '@fastify/compress-7';
export { default as cookie } from '@fastify/cookie-9';
export { default as etag } from '@fastify/etag-5';
export { default as formbody } from '@fastify/formbody-7';
export { default as files } from '@fastify/static-7';
export { default as fastify } from 'fastify-4';
