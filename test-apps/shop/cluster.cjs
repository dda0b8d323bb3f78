// Two shops behind one port, which is printed when both listen.
const cluster = require('node:cluster');

if (cluster.isWorker) {
  require('./plain.cjs');
} else {
  cluster.setupPrimary({ silent: true });
  const workers = [cluster.fork(), cluster.fork()];
  for (const worker of workers) worker.process.stderr.pipe(process.stderr);
  const listening = workers.map(
    (worker) => new Promise((resolve) => worker.once('listening', resolve)),
  );
  void Promise.all(listening).then(([{ port }]) => process.stdout.write(`${port}\n`));
  if (process.env.PASS_ON_SIGTERM) {
    process.once('SIGTERM', () => {
      for (const worker of workers) worker.process.kill('SIGTERM');
    });
  }
}
