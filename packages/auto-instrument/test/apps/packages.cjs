// Prints the libraries of each instrumentation before and after its package is loaded.
const { createRequire } = require('node:module');
const { instrumentations } = require('@spoor/instrumentation');

const libraries = () =>
  Object.fromEntries(instrumentations().map(({ name, libraries }) => [name, libraries]));

const requireAsSpoor = createRequire(require.resolve('@spoor/auto-instrument'));
const before = libraries();
for (const name in before) requireAsSpoor(`@spoor/${name}`);
process.stdout.write(JSON.stringify([before, libraries()]));
