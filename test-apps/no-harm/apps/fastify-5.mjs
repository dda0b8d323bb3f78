export { default as compress } from '@fastify/compress';
export { default as cookie } from '@fastify/cookie';
export { default as etag } from '@fastify/etag';
export { default as formbody } from '@fastify/formbody';
export { default as files } from '@fastify/static';
export { default as fastify } from 'fastify';
