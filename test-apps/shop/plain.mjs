// Without a line of tracing.
import express from 'express';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { closeAtSigterm, openShop } from './dist-test/shop.cjs';

const redis = new Redis(process.env.REDIS_URL);
const pool = new Pool();
const server = openShop(express(), redis, pool);
if (process.env.CLOSE_AT_SIGTERM) closeAtSigterm(server, redis, pool);
