import { SpoorError } from '@spoor/core';
import { nearest } from '@spoor/core/internal';
import * as express from '@spoor/express';
import * as fastify from '@spoor/fastify';
import * as http from '@spoor/http';
import * as ioredis from '@spoor/ioredis';
import * as koa from '@spoor/koa';
import * as pg from '@spoor/pg';
import * as pino from '@spoor/pino';
import * as undici from '@spoor/undici';
import * as winston from '@spoor/winston';

/** Every instrumentation that there is, by the name that `SPOOR_DISABLED_INSTRUMENTATIONS` has for it. */
const instrumentations: Readonly<Record<string, { install(): void }>> = {
  express,
  fastify,
  http,
  ioredis,
  koa,
  pg,
  pino,
  undici,
  winston,
};

/**
 * Installs all but those that are named (`pg,ioredis`), and returns the names of those that are installed.
 *
 * @throws SpoorError `SPOOR_CONFIG` for a name that none has
 */
export function installEnabled(disabled: string | undefined): readonly string[] {
  const known = Object.keys(instrumentations);
  const disabledNames = (disabled ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  for (const name of disabledNames) if (!known.includes(name)) refuse(name, known);
  const names = known.filter((name) => !disabledNames.includes(name));
  for (const name of names) instrumentations[name]!.install();
  return names;
}

function refuse(name: string, known: readonly string[]): never {
  const meant = nearest(name, known);
  const advice =
    meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new SpoorError(
    'SPOOR_CONFIG',
    `SPOOR_DISABLED_INSTRUMENTATIONS: no instrumentation is called "${name}". ${advice}`,
  );
}
