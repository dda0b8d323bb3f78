import { SpoorError } from '@spoor/core';
import { nearest } from '@spoor/core/internal';
import * as fastify from '@spoor/fastify';
import * as http from '@spoor/http';
import {
  installWhenLoaded,
  instrumentations,
  type LazyInstrumentation,
} from '@spoor/instrumentation';
import * as undici from '@spoor/undici';

/** Those that listen to channels or patch Node: what they trace may be there already, or in a bundle. */
const eager: Readonly<Record<string, unknown>> = { fastify, http, undici };

/** Those that patch files of libraries: their packages take a third of the start, and most programs use few of them. */
const lazy: readonly LazyInstrumentation[] = [
  {
    name: 'express',
    files: [{ library: 'express', file: 'lib/application.js' }],
    load: () => require('@spoor/express'),
  },
  {
    name: 'ioredis',
    files: [{ library: 'ioredis', file: 'built/index.js' }],
    load: () => require('@spoor/ioredis'),
  },
  {
    name: 'koa',
    files: [{ library: 'koa', file: 'lib/application.js' }],
    load: () => require('@spoor/koa'),
  },
  {
    name: 'pg',
    files: [
      { library: 'pg', file: 'lib/client.js' },
      { library: 'pg', file: 'lib/native/client.js' },
      { library: 'pg-pool', file: 'index.js' },
    ],
    load: () => require('@spoor/pg'),
  },
  {
    name: 'pino',
    files: [{ library: 'pino', file: 'pino.js' }],
    load: () => require('@spoor/pino'),
  },
  {
    name: 'winston',
    files: [{ library: 'winston', file: 'lib/winston/logger.js' }],
    load: () => require('@spoor/winston'),
  },
];

/**
 * Installs all but those that are named (`pg,ioredis`), and returns the names of those that are installed. What the
 * application has told one of them by now holds.
 *
 * @throws SpoorError `SPOOR_CONFIG` for a name that none has
 */
export function installEnabled(disabled: string | undefined): readonly string[] {
  const known = [...Object.keys(eager), ...lazy.map(({ name }) => name)].sort();
  const disabledNames = (disabled ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  for (const name of disabledNames) if (!known.includes(name)) refuse(name, known);
  const names = known.filter((name) => !disabledNames.includes(name));
  for (const one of instrumentations()) {
    if (one.name in eager && names.includes(one.name)) one.installUnlessTold();
  }
  for (const one of lazy) if (names.includes(one.name)) installWhenLoaded(one);
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
