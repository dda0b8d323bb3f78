const express = require('express');
const { jaegerMiddleware } = require('@spoor/express');

/** An application that answers `/orders/:id` with what Redis has, and `/relay` with what it says to itself. */
module.exports = function createApp(redis) {
  const app = express();
  app.use(jaegerMiddleware());
  app.get('/orders/:id', async (request, response) => {
    response.json(await redis.get(request.params.id));
  });
  app.get('/relay', async (request, response) => {
    const answer = await fetch(`http://127.0.0.1:${request.socket.localPort}/orders/1`);
    response.json(await answer.json());
  });
  return app;
};
