import { createRequire } from 'node:module';

export type Client = typeof import('@spoor/jaeger-client');
export type ClientName = 'jaeger-client' | '@spoor/jaeger-client';

const require = createRequire(import.meta.url);

/** npm's `jaeger-client`, which has no types of its own: what is called on it here, both have. */
export const theirs = require('jaeger-client') as Client;
export const ours = require('@spoor/jaeger-client') as Client;

export const clients: readonly (readonly [ClientName, Client])[] = [
  ['jaeger-client', theirs],
  ['@spoor/jaeger-client', ours],
];
