const fastify = require('fastify');
const winston = require('winston');
const { start } = require('./log-app.cjs');

void start(fastify, winston);
