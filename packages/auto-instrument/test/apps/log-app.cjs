// Fastify with its own logger, which is pino, and a logger of winston, both to stderr. Prints its port.
exports.start = async (fastify, winston) => {
  const transport = new winston.transports.Console({ stderrLevels: ['info'] });
  const logger = winston.createLogger({ transports: [transport] });
  const app = fastify({ logger: { stream: process.stderr } });
  app.get('/users/:id', async (request) => {
    await new Promise(setImmediate);
    request.log.info('in the handler');
    app.log.info('of the application');
    logger.info('of winston');
    return { id: request.params.id };
  });
  await app.listen({ port: 0 });
  process.stdout.write(`${app.server.address().port}\n`);
};
