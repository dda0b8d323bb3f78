// An application that cleans up at SIGTERM and ends by the same signal, as Nest does. Prints its port.
const { createServer } = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

const server = createServer((_, response) => response.end('ok'));
server.listen(0, () => process.stdout.write(`${server.address().port}\n`));
process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  // Longer than what was buffered takes to be sent: nothing keeps the process any more.
  await sleep(50);
  process.kill(process.pid, 'SIGTERM');
});
