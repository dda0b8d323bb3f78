import { get, one } from './request.mjs';

const http = [get('/own/rejects', { server: 'listening', status: 500 })];

const express = [
  get('/own/next-route'),
  get('/own/next-router', { status: 404 }),
  get('/own/links'),
  get('/own/jsonp?callback=call'),
  get('/own/download'),
  one('a range of a download', 'GET', '/own/download', {
    headers: ['Range: bytes=2-5'],
    status: 206,
  }),
  get('/own/send-status', { status: 402 }),
  get('/own/nothing-sent'),
  get('/own/locals'),
  get('/own/request'),
  get('/own/keys'),
  one('OPTIONS of a route with several methods', 'OPTIONS', '/own/route'),
  one('PUT of a route with several methods', 'PUT', '/own/route'),
  get('/own/list'),
  get('/own/pattern7'),
];

const fastify = [
  get('/own/hooked'),
  get('/own/hooked?stop', { status: 401 }),
  get('/own/not-found', { status: 404 }),
  get('/own/nothing'),
  get('/own/null'),
  get('/own/buffer'),
  get('/own/number', { status: [200, 500] }),
  get('/own/trailers'),
  get('/own/serialized'),
  get('/own/web', { status: [200, 203, 500] }),
  get('/own/request'),
  get('/own/keys'),
  get('/own/late'),
];

const koa = [
  get('/own/returned'),
  get('/own/assert', { status: 401 }),
  get('/own/assert?user=7', { status: 404 }),
  get('/own/throw', { status: 402 }),
  get('/own/null', { status: 204 }),
  get('/own/buffer'),
  get('/own/nothing', { status: 404 }),
  get('/own/attachment'),
  get('/own/typed'),
  get('/own/flushed'),
  get('/own/context'),
  get('/own/request'),
  get('/own/keys'),
];

/** What only one family of frameworks has. */
export const own = [
  ...http.map((one) => ({ ...one, only: ['node:http'] })),
  ...express.map((one) => ({ ...one, only: ['Express'] })),
  ...fastify.map((one) => ({ ...one, only: ['Fastify'] })),
  ...koa.map((one) => ({ ...one, only: ['Koa'] })),
];
