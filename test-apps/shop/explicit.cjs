const { initTracer } = require('@spoor/core');
const { jaegerMiddleware } = require('@spoor/express');

initTracer({ serviceName: 'shop' });
require('@spoor/ioredis').install();
require('@spoor/pg').install();
require('@spoor/undici').install();

const express = require('express');
const { Redis } = require('ioredis');
const { Pool } = require('pg');
const { closeAtSigterm, openShop } = require('./dist-test/shop.cjs');

const app = express();
app.use(jaegerMiddleware());
const redis = new Redis(process.env.REDIS_URL);
const pool = new Pool();
closeAtSigterm(openShop(app, redis, pool), redis, pool);
