import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { majors } from './support.js';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Runs what makes `logger`, then writes a record in a span; resolves with the line and the ids that it must have. */
async function runProgram(...make: string[]): Promise<[string | undefined, object]> {
  const code = `(async () => {
    const lines = [];
    ${make.join('\n')}
    const tracer = initTracer({ serviceName: 'test', sampler: { type: 'const', param: 0 } });
    const span = tracer.startSpan('request');
    tracer.withSpan(span, () => logger.info('text'));
    const ids = { trace_id: span.context().toTraceId(), span_id: span.context().toSpanId() };
    console.log(JSON.stringify([lines[0], ids]));
  })()`;
  const { stdout } = await run(process.execPath, ['-e', code], { cwd });
  return JSON.parse(stdout) as [string | undefined, object];
}

for (const { name, library } of majors) {
  const libraries = {
    require: `const { pino } = require('${library}');`,
    import: `const { pino } = await import('${library}');`,
  };
  const ours = `const { initTracer } = require('@spoor/core'); const { install } = require('@spoor/pino');`;
  const make = `const logger = pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) });`;

  for (const [way, load] of Object.entries(libraries)) {
    for (const [when, lines] of [
      ['before', [ours, 'install();', load, make]],
      ['after', [load, make, ours, 'install();']],
    ] as const) {
      test(`${name}: loaded by ${way}, installed ${when}, records have the ids`, async () => {
        const [line, ids] = await runProgram(...lines);

        assert.deepEqual(JSON.parse(line!), { level: 30, ...ids, msg: 'text' });
      });
    }
  }

  test(`${name}: a transport in a worker thread writes the ids to its file`, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'spoor-pino-'));
    t.after(() => rm(folder, { recursive: true }));
    const destination = path.join(folder, 'log');
    const target = JSON.stringify({ target: 'pino/file', options: { destination } });
    const [, ids] = await runProgram(
      ours,
      'install();',
      libraries.require,
      `const logger = pino({ base: null, timestamp: false, transport: ${target} });`,
    );

    // The process has ended, and with it the thread.
    const [line] = (await readFile(destination, 'utf8')).split('\n');
    assert.deepEqual(JSON.parse(line!), { level: 30, ...ids, msg: 'text' });
  });
}
