// Without a line of tracing.
const express = require('express');
const { Redis } = require('ioredis');
const { Pool } = require('pg');
const { closeAtSigterm, openShop } = require('./dist-test/shop.cjs');

const redis = new Redis(process.env.REDIS_URL);
const pool = new Pool();
const server = openShop(express(), redis, pool);
if (process.env.CLOSE_AT_SIGTERM) closeAtSigterm(server, redis, pool);
