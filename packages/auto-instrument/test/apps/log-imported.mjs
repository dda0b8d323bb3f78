import fastify from 'fastify';
import winston from 'winston';
import { start } from './log-app.cjs';

await start(fastify, winston);
