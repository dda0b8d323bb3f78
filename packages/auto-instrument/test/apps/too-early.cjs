// Makes its application, and loads a version that is not supported, before Spoor is there. Prints its port.
const express = require('express');
require('ioredis-4');

const app = express();
app.get('/users/:id', (request, response) => response.json({ id: request.params.id }));
require('@spoor/auto-instrument');

const server = app.listen(0, () => process.stdout.write(`${server.address().port}\n`));
