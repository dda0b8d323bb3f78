import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { startCollector } from '@spoor/testing';
import { frameworks } from '../apps/frameworks.mjs';
import { variants } from '../apps/variants.mjs';
import { writeFiles } from '../corpus/files.mjs';
import { casesFor, statusesFor } from '../corpus/index.mjs';
import { firstDifference } from './difference.mjs';
import { exchange } from './exchange.mjs';
import { startServer } from './server-process.mjs';

const concurrency = 12;
const maxShown = 10;
const [untraced, ...traced] = Object.keys(variants);

const folder = mkdtempSync(path.join(tmpdir(), 'spoor-no-harm-'));
writeFiles(folder);
after(() => rmSync(folder, { recursive: true }));

for (const framework of Object.keys(frameworks)) {
  const cases = casesFor(framework);

  test(`${framework} answers ${cases.length} requests the same with and without Spoor`, async (t) => {
    const collectors = await Promise.all(traced.map(() => startCollector(t)));
    const [expected, ...actuals] = await Promise.all([
      run(t, framework, untraced, cases),
      ...traced.map((variant, i) => run(t, framework, variant, cases, collectors[i].port)),
    ]);

    assertSensible(framework, cases, expected);
    for (const [i, variant] of traced.entries()) {
      const actual = actuals[i];
      assertSame(`${framework}, ${variant}`, cases, expected.answers, actual.answers);
      assert.deepEqual(actual.seen, expected.seen, `${variant}: as many requests as without Spoor`);
      assert.equal(actual.output, expected.output, `${variant}: nothing else is printed`);
      await assertTraced(variants[variant], actual, collectors[i]);
    }
  });
}

/** Every case against one application, and what the application has to say about it. */
async function run(t, framework, variant, cases, agentPort) {
  const server = await startServer(t, { framework, variant, folder, agentPort });
  const answers = new Array(cases.length);
  const waiting = cases.entries();
  const askOneByOne = async () => {
    for (const [i, one] of waiting) answers[i] = await exchange(server.ports, one);
  };
  const asked = Promise.all(Array.from({ length: concurrency }, askOneByOne));
  await Promise.race([asked, server.died]).catch((error) => {
    throw new Error(`${framework}, ${variant}: ${error.message}`);
  });
  return { answers, ...(await server.stop()) };
}

/** Two applications that answer nothing are alike, too. */
function assertSensible(framework, cases, { answers, isSpoorLoaded, seen }) {
  assert.ok(cases.length >= 200, `${cases.length} cases`);
  assert.equal(new Set(cases.map(({ title }) => title)).size, cases.length, 'titles are unique');
  const odd = cases.flatMap((one, i) => {
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answers[i])?.[1] ?? 0);
    return statusesFor(one, framework).includes(status) ? [] : [`${one.title}: ${status}`];
  });
  assert.deepEqual(odd, [], 'the statuses that the cases expect');
  const distinct = new Set(answers).size;
  assert.ok(distinct > cases.length / 2, `only ${distinct} distinct answers`);
  assert.equal(isSpoorLoaded, false, 'the application that is compared with is without Spoor');
  assert.ok(seen.handled > cases.length * 0.8, `the application saw ${seen.handled} requests`);
}

function assertSame(where, cases, expected, actual) {
  const differences = cases.flatMap(({ title }, i) =>
    expected[i] === actual[i] ? [] : [`${title}\n${firstDifference(expected[i], actual[i])}`],
  );
  const shown = differences.slice(0, maxShown).join('\n\n');
  assert.ok(differences.length === 0, `${where}: ${differences.length} differ\n\n${shown}`);
}

/** One span for every request, started and, where it is sampled, finished and received. */
async function assertTraced({ sampler, spansFor }, { isSpoorLoaded, seen, tracing }, collector) {
  const { counts, faults } = tracing;
  const sampled = counts['jaeger:started_spans y'];
  const notSampled = counts['jaeger:started_spans n'];
  assert.ok(isSpoorLoaded);
  assert.equal(sampled + notSampled, seen[spansFor], 'one span for every request');
  // Callers decide for a few of the requests, either way.
  const asConfigured = sampler ? sampled : notSampled;
  assert.ok(asConfigured > seen[spansFor] * 0.9, `${asConfigured} spans as the sampler says`);
  const finished = counts['jaeger:finished_spans'];
  assert.equal(finished, sampled, 'every sampled span has finished');
  assert.equal((await collector.received(finished)).length, finished);
  assert.deepEqual(faults, []);
}
