// Runs both services until Ctrl-C.
import { fork } from 'node:child_process';

const services = ['orders.js', 'gateway.js'].map((file) => fork(new URL(file, import.meta.url)));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const service of services) service.kill('SIGTERM');
  });
}
