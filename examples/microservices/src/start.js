// Runs the three services, one process each, until Ctrl-C or until one of them ends.
import { fork } from 'node:child_process';
import { port } from './serve.js';

const first = port(3000);
const urls = {
  ORDERS_URL: `http://localhost:${first + 1}`,
  PRICING_URL: `http://localhost:${first + 2}`,
};
const services = ['gateway', 'orders', 'pricing'].map((name, index) =>
  fork(new URL(`${name}.js`, import.meta.url), {
    env: { ...urls, ...process.env, PORT: String(first + index) },
  }),
);

function stop() {
  for (const service of services) service.kill('SIGTERM');
}

let listening = 0;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
for (const service of services) {
  service.once('message', () => {
    listening++;
    if (listening === services.length) sayWhatToDo();
  });
  service.once('exit', (code) => {
    process.exitCode ||= code ?? 0;
    stop();
  });
}

function sayWhatToDo() {
  console.log(`
Check out one of ten orders; number 4 is slow, number 7 fails:
  curl -X POST http://localhost:${first}/checkout/1
Its trace is in Jaeger: http://localhost:16686`);
}
