import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type LogRecord, versions } from './support.js';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('..', import.meta.url));

const ours = `const { initTracer } = require('@spoor/core'); const { install } = require('@spoor/winston');`;
const make =
  'const logger = winston.createLogger({ transports: [new winston.transports.Console()] });';

/** Makes a span to write records in, and prints the ids that they must have. */
const begin = `
  const tracer = initTracer({ serviceName: 'test', sampler: { type: 'const', param: 0 } });
  const span = tracer.startSpan('request');
  console.log(JSON.stringify({ trace_id: span.context().toTraceId(), span_id: span.context().toSpanId() }));
`;

async function runProgram(...lines: string[]): Promise<LogRecord[]> {
  const code = `(async () => {\n${lines.join('\n')}\n})()`;
  const { stdout } = await run(process.execPath, ['-e', code], { cwd });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogRecord);
}

for (const { name, library } of versions) {
  for (const [way, load] of [
    ['require', `const winston = require('${library}');`],
    ['import', `const { default: winston } = await import('${library}');`],
  ] as const) {
    for (const [when, lines] of [
      ['before', [ours, 'install();', load, make]],
      ['after', [load, make, ours, 'install();']],
    ] as const) {
      test(`${name}: loaded by ${way}, installed ${when}, records have the ids`, async () => {
        const [ids, record] = await runProgram(
          ...lines,
          begin,
          `tracer.withSpan(span, () => logger.info('text'));`,
        );

        assert.deepEqual(record, { level: 'info', message: 'text', ...ids });
      });
    }
  }

  test(`${name}: an exception that nobody catches is written with the ids of the span in which it was thrown`, async () => {
    const [ids, record] = await runProgram(
      ours,
      'install();',
      `const winston = require('${library}');`,
      `const transport = new winston.transports.Console({ handleExceptions: true });
       winston.createLogger({ exitOnError: false, transports: [transport] });`,
      begin,
      `tracer.withSpan(span, () => setImmediate(() => { throw new Error('uncaught'); }));`,
    );

    const { exception, trace_id, span_id } = record!;
    assert.deepEqual({ exception, trace_id, span_id }, { exception: true, ...ids });
  });

  test(`${name}: a file has the ids`, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'spoor-winston-'));
    t.after(() => rm(folder, { recursive: true }));
    const filename = path.join(folder, 'log');
    const [ids] = await runProgram(
      ours,
      'install();',
      `const winston = require('${library}');`,
      `const transport = new winston.transports.File(${JSON.stringify({ filename })});
       const logger = winston.createLogger({ transports: [transport] });`,
      begin,
      `tracer.withSpan(span, () => logger.info('text'));`,
    );

    const line = await readFile(filename, 'utf8');
    assert.deepEqual(JSON.parse(line), { level: 'info', message: 'text', ...ids });
  });
}

test('a rejection that nobody handles is written with the ids of the span in which it happened', async () => {
  const [ids, record] = await runProgram(
    ours,
    'install();',
    `const winston = require('winston');`,
    `const transport = new winston.transports.Console({ handleRejections: true });
     winston.createLogger({ exitOnError: false, transports: [transport] });`,
    begin,
    `tracer.withSpan(span, async () => { throw new Error('unhandled'); });`,
  );

  const { rejection, trace_id, span_id } = record!;
  assert.deepEqual({ rejection, trace_id, span_id }, { rejection: true, ...ids });
});
