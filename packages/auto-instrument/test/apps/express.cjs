// An application without a line of tracing. Prints its port.
const express = require('express');

const app = express();
app.get('/users/:id', (request, response) => response.json({ id: request.params.id }));
app.get('/relay', async (request, response) => {
  const url = `http://localhost:${request.socket.localPort}/users/1`;
  response.send(await (await fetch(url)).text());
});
const server = app.listen(0, () => process.stdout.write(`${server.address().port}\n`));
if (process.env.OWN_LISTENER) {
  process.on('SIGTERM', () => {
    server.close(() => process.exit(7));
    server.closeAllConnections();
  });
}
