import { initTracer } from '@spoor/core';
import { jaegerMiddleware } from '@spoor/express';
import * as ioredisTracing from '@spoor/ioredis';
import * as pgTracing from '@spoor/pg';
import * as undiciTracing from '@spoor/undici';
import express from 'express';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { closeAtSigterm, openShop } from './dist-test/shop.cjs';

initTracer({ serviceName: 'shop' });
ioredisTracing.install();
pgTracing.install();
undiciTracing.install();

const app = express();
app.use(jaegerMiddleware());
const redis = new Redis(process.env.REDIS_URL);
const pool = new Pool();
closeAtSigterm(openShop(app, redis, pool), redis, pool);
