// Has the listeners of signal-exit, in the versions that the environment names. Prints its port.
for (const name of process.env.SIGNAL_EXIT.split(',')) {
  const loaded = require(name);
  (loaded.onExit ?? loaded)(() => {});
}
require('./express.cjs');
