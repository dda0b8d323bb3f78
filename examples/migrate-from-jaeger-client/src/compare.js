// Runs before.js, between.js and after.js, one after the other, sends each the same request, and compares their traces.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

async function main() {
  const shapes = [];
  for (const name of ['before', 'between', 'after']) {
    shapes.push(shapeOf(await run(name)));
    console.log(`${name}.js: ${shapes.at(-1)}`);
  }
  const isSame = new Set(shapes).size === 1;
  console.log(isSame ? 'The three traces have the same shape.' : 'The traces differ.');
  process.exitCode = isSame ? 0 : 1;
}

/** Resolves with the spans of one request, as the log has them: `TRACE:SPAN:PARENT:FLAGS`. */
async function run(name) {
  const app = spawn(process.execPath, [path.join(__dirname, `${name}.js`)], {
    env: { ...process.env, PORT: '0', JAEGER_REPORTER_LOG_SPANS: 'true' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(app, 'close');
  let output = '';
  for await (const chunk of app.stdout) {
    const isFirst = !/curl \S+\n/.test(output);
    output += chunk;
    const [, url] = /curl (\S+)\n/.exec(output) ?? [];
    if (url === undefined || !isFirst) continue;
    await (await fetch(url)).text();
    app.kill('SIGTERM');
  }
  await closed;
  return [...output.matchAll(/Reporting span (\w+):(\w+):(\w+)/g)];
}

/** How many spans are on each level of the tree: `1 > 1 > 2`. */
function shapeOf(spans) {
  const levels = [];
  let ids = ['0'];
  while (ids.length > 0) {
    ids = spans.filter(([, , , parent]) => ids.includes(parent)).map(([, , id]) => id);
    if (ids.length > 0) levels.push(ids.length);
  }
  return `${spans.length} spans, level by level ${levels.join(' > ')}`;
}

void main();
