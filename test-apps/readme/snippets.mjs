import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = new URL('../../', import.meta.url);

/**
 * The code block of a page that follows `<!-- test: NAME -->`. Its port may be taken here: it listens on a free one instead,
 * and says `port 4711`; nothing else is changed.
 */
export function snippet(page, name, port) {
  const text = readFileSync(new URL(page, root), 'utf8');
  const code = new RegExp(`<!-- test: ${name} -->\\n\`\`\`js\\n([^]*?)\`\`\``).exec(text)?.[1];
  assert.ok(code, `${page} has no snippet "${name}"`);
  if (port === undefined) return code;
  const listening = `.listen(0, function () { console.log('port', this.address().port); })`;
  assert.ok(code.includes(`.listen(${port})`), `the snippet listens on another port than ${port}`);
  return code.replace(`.listen(${port})`, listening);
}

/** Runs code as a module of its own in a process of its own, with the collector as its agent. */
export async function start(t, code, collector) {
  const own = await mkdtemp(path.join(import.meta.dirname, '.cache-'));
  t.after(() => rm(own, { recursive: true }));
  await writeFile(path.join(own, 'app.mjs'), code);
  const child = spawn(process.execPath, [path.join(own, 'app.mjs')], {
    env: {
      ...process.env,
      JAEGER_AGENT_HOST: collector.host,
      JAEGER_AGENT_PORT: String(collector.port),
    },
  });
  t.after(() => child.kill());
  let text = '';
  const waiting = new Set();
  const read = (chunk) => {
    text += chunk;
    for (const wake of waiting) wake();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const exitCode = new Promise((resolve) => child.once('close', resolve));
  return {
    exitCode,
    text: () => text,
    /** Resolves with the first group of the pattern once it was printed. */
    output: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text);
          if (match !== null) resolve(match[1]);
        };
        waiting.add(look);
        void exitCode.then((code) => reject(new Error(`ended with code ${code}: ${text}`)));
        look();
      }),
  };
}
