// The one line, in a bundle: what hooks cannot see is handed over beside it.
import '@spoor/auto-instrument';
import * as expressTracing from '@spoor/express';
import * as ioredisTracing from '@spoor/ioredis';
import * as pgTracing from '@spoor/pg';
import express from 'express';
import ioredis, { Redis } from 'ioredis';
import pg from 'pg';
import { openShop } from './shop.cjs';

expressTracing.install({ module: express });
ioredisTracing.install({ module: ioredis });
pgTracing.install({ module: pg });

openShop(express(), new Redis(process.env.REDIS_URL!), new pg.Pool());
