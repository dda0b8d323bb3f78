// Runs the three services, one process each, until Ctrl-C or until one of them ends.
import { fork } from 'node:child_process';
import { port } from './serve.js';

const first = port(3000);
const services = [];
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

// Each needs to know where the next one is.
start('pricing', 2, {}, (pricingUrl) => {
  start('orders', 1, { PRICING_URL: pricingUrl }, (ordersUrl) => {
    start('gateway', 0, { ORDERS_URL: ordersUrl }, sayWhatToDo);
  });
});

function start(name, number, urls, onListening) {
  const PORT = String(first === 0 ? 0 : first + number);
  const service = fork(new URL(`${name}.js`, import.meta.url), {
    env: { ...urls, ...process.env, PORT },
  });
  services.push(service);
  service.once('message', onListening);
  service.once('exit', (code) => {
    process.exitCode ||= code ?? 0;
    stop();
  });
}

function stop() {
  for (const service of services) service.kill('SIGTERM');
}

function sayWhatToDo(url) {
  console.log(`
Check out one of ten orders; number 4 is slow, number 7 fails:
  curl -X POST ${url}/checkout/1
Its trace is in Jaeger: http://localhost:16686`);
}
