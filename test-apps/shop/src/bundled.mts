// No hook sees a library load that is in the bundle itself, so each is handed over.
import { initTracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import * as ioredisTracing from '@spoor/ioredis';
import * as pgTracing from '@spoor/pg';
import * as undiciTracing from '@spoor/undici';
import express from 'express';
import * as ioredis from 'ioredis';
import * as pg from 'pg';
import { closeAtSigterm, openShop } from './shop.cjs';

initTracer({ serviceName: 'shop' });
ioredisTracing.install({ module: ioredis });
pgTracing.install({ module: pg });
undiciTracing.install();

const app = express();
app.use(jaegerMiddleware());
const redis = new ioredis.Redis(process.env.REDIS_URL!);
const pool = new pg.Pool();
closeAtSigterm(openShop(app, redis, pool), redis, pool);
