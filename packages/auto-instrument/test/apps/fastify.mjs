import fastify from 'fastify';

const app = fastify();
app.get('/users/:id', async (request) => ({ id: request.params.id }));
await app.listen({ port: 0 });
process.stdout.write(`${app.server.address().port}\n`);
