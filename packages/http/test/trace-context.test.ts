import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { install, uninstall } from '@spoor/http';
import { answerTo, serveAndKeep } from './client-helpers.js';
import { record, serve } from './helpers.js';

// The cases of the W3C's own suite (w3c/trace-context, test/test.py): what a server gets, and what its requests then say.

type HeaderLine = readonly [name: string, value: string];

interface Outgoing {
  readonly traceId: string;
  readonly parentId: string;
  /** The members; undefined where there is no header. */
  readonly state: readonly string[] | undefined;
}

const trace = '12345678901234567890123456789012';
const parent = '1234567890123456';
const valid = `00-${trace}-${parent}-01`;

/** A traced server that sends `calls` requests for each that it gets; the function resolves with what those said. */
async function relay(
  t: TestContext,
  calls = 1,
): Promise<(...headers: HeaderLine[]) => Promise<Outgoing[]>> {
  const { tracer } = record();
  const { url: downstream, requests } = await serveAndKeep(t);
  const url = await serve(t, (_, response) => {
    const answers = Array.from({ length: calls }, () => answerTo(httpGet(downstream)));
    void Promise.all(answers).finally(() => response.end());
  });
  install({ server: { tracer }, client: { tracer } });
  t.after(uninstall);
  return async (...headers) => {
    requests.length = 0;
    await sendLines(url, headers);
    assert.equal(requests.length, calls);
    return requests.map(outgoing);
  };
}

/** Byte for byte, as no client would: several headers of one name, any case, spaces around values. */
async function sendLines(url: string, headers: readonly HeaderLine[]): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = headers.map(([name, value]) => `${name}:${value}`);
  socket.write(
    ['GET / HTTP/1.1', `host: ${host}`, 'connection: close', ...lines, '', ''].join('\r\n'),
  );
  let answer = '';
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text;
  });
  await once(socket, 'close');
  assert.match(answer, /^HTTP\/1\.1 200 /);
}

function outgoing({ headers, rawHeaders }: IncomingMessage): Outgoing {
  assert.equal(rawHeaders.filter((name) => name.toLowerCase() === 'traceparent').length, 1);
  const header = String(headers.traceparent);
  assert.match(header, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/);
  const [, traceId = '', parentId = ''] = header.split('-');
  assert.notEqual(parentId, parent);
  return { traceId, parentId, state: headers.tracestate?.toString().split(',') };
}

test('a request without trace context starts a trace, and one with traceparent goes on with its', async (t) => {
  const send = await relay(t);
  const [fresh] = await send();
  assert.notEqual(fresh?.traceId, trace);
  assert.equal(fresh?.state, undefined);
  for (const name of ['traceparent', 'TraceParent', 'TrAcEpArEnT', 'TRACEPARENT']) {
    const [{ traceId, state }] = (await send([name, valid])) as [Outgoing];
    assert.deepEqual([traceId, state], [trace, undefined], name);
  }
});

test('spaces and tabs around traceparent are none of it', async (t) => {
  const send = await relay(t);
  for (const [before, after] of [
    [' ', ''],
    ['\t', ''],
    ['', ' '],
    ['', '\t'],
    ['\t ', ' \t'],
  ]) {
    const [{ traceId }] = (await send(['traceparent', before + valid + after])) as [Outgoing];
    assert.equal(traceId, trace, JSON.stringify([before, after]));
  }
});

test('later versions of traceparent go on, as far as version 00 goes', async (t) => {
  const send = await relay(t);
  for (const value of [`cc-${trace}-${parent}-01`, `cc-${trace}-${parent}-01-what-comes-then`]) {
    const [{ traceId }] = (await send(['traceparent', value])) as [Outgoing];
    assert.equal(traceId, trace, value);
  }
});

test('a traceparent that is malformed, and one of several, starts a new trace, and takes tracestate with it', async (t) => {
  const send = await relay(t);
  const other = trace.replace(/12$/, '11');
  const malformed: HeaderLine[][] = [
    [['trace-parent', valid]],
    [['trace.parent', valid]],
    [
      ['traceparent', `00-${other}-${parent}-01`],
      ['traceparent', valid],
    ],
    [
      ['traceparent', valid],
      ['traceparent', valid],
    ],
    ...[
      `${valid}.`,
      `${valid}-what-comes-then`,
      `cc-${trace}-${parent}-01.what-comes-then`,
      `ff-${trace}-${parent}-01`,
      `.0-${trace}-${parent}-01`,
      `0.-${trace}-${parent}-01`,
      `000-${trace}-${parent}-01`,
      `0000-${trace}-${parent}-01`,
      `0-${trace}-${parent}-01`,
      `00-${'0'.repeat(32)}-${parent}-01`,
      `00-.${trace.slice(1)}-${parent}-01`,
      `00-${trace.slice(1)}.-${parent}-01`,
      `00-${trace}3-${parent}-01`,
      `00-${trace.slice(1)}-${parent}-01`,
      `00-${trace}-${'0'.repeat(16)}-01`,
      `00-${trace}-.${parent.slice(1)}-01`,
      `00-${trace}-${parent.slice(1)}.-01`,
      `00-${trace}-${parent}7-01`,
      `00-${trace}-${parent.slice(1)}-01`,
      `00-${trace}-${parent}-.0`,
      `00-${trace}-${parent}-0.`,
      `00-${trace}-${parent}-001`,
      `00-${trace}-${parent}-1`,
      `00-${trace.replace('1234', 'ABCD')}-${parent}-01`,
      `00-${trace}-${parent.replace('1234', 'ABCD')}-01`,
      '',
    ].map((value): HeaderLine[] => [['traceparent', value]]),
  ];
  for (const headers of malformed) {
    const [{ traceId, state }] = (await send(...headers, ['tracestate', 'foo=1'])) as [Outgoing];
    const shown = JSON.stringify(headers);
    for (const id of [trace, other, trace.slice(1), `${trace}3`]) {
      assert.equal(traceId.includes(id), false, shown);
    }
    assert.equal(state, undefined, shown);
  }
});

test('without traceparent tracestate is left out', async (t) => {
  const send = await relay(t);
  for (const value of ['foo=1', 'foo=1,bar=2']) {
    assert.equal((await send(['tracestate', value]))[0]?.state, undefined);
  }
});

const keyChars = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/';
const valueChars = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i))
  .filter((char) => char !== ',' && char !== '=')
  .join('');
const members = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `bar${first + i}=${first + i}`);

const passedOn: Record<string, { values: readonly string[]; state: readonly string[] }> = {
  'two members': { values: ['foo=1,bar=2'], state: ['foo=1', 'bar=2'] },
  'several headers, in their order': {
    values: ['foo=1,bar=2', 'rojo=1,congo=2', 'baz=3'],
    state: ['foo=1', 'bar=2', 'rojo=1', 'congo=2', 'baz=3'],
  },
  'an empty header behind another': { values: ['foo=1', ''], state: ['foo=1'] },
  'an empty header before another': { values: ['', 'foo=1'], state: ['foo=1'] },
  'empty members': { values: [',foo=1,, ,bar=2,'], state: ['foo=1', 'bar=2'] },
  'spaces and tabs between members': {
    values: ['foo=1 \t , \t bar=2, \t baz=3'],
    state: ['foo=1', 'bar=2', 'baz=3'],
  },
  'tabs, spaces and tabs between members': {
    values: ['foo=1\t \t,\t \tbar=2,\t \tbaz=3'],
    state: ['foo=1', 'bar=2', 'baz=3'],
  },
  'a space before': { values: [' foo=1'], state: ['foo=1'] },
  'a tab before': { values: ['\tfoo=1'], state: ['foo=1'] },
  'a space behind': { values: ['foo=1 '], state: ['foo=1'] },
  'a tab behind': { values: ['foo=1\t'], state: ['foo=1'] },
  'both around': { values: ['\t foo=1 \t'], state: ['foo=1'] },
  'every character of a key and of a value': {
    values: [`${keyChars}=${valueChars}`],
    state: [`${keyChars}=${valueChars}`],
  },
  'every character of a key with a system': {
    values: [`${keyChars}@a-z0-9_-*/=${valueChars}`],
    state: [`${keyChars}@a-z0-9_-*/=${valueChars}`],
  },
  'a key that starts with a digit': { values: ['1foo=1'], state: ['1foo=1'] },
  'a key of 256 characters': {
    values: ['foo=1', `${'z'.repeat(256)}=1`],
    state: ['foo=1', `${'z'.repeat(256)}=1`],
  },
  'a key of 241 and 14 characters': {
    values: ['foo=1', `${'t'.repeat(241)}@${'v'.repeat(14)}=1`],
    state: ['foo=1', `${'t'.repeat(241)}@${'v'.repeat(14)}=1`],
  },
  '32 members': {
    values: [members(1, 10), members(11, 20), members(21, 32)].map((list) => list.join(',')),
    state: members(1, 32),
  },
  'one key twice': { values: ['foo=1,foo=1'], state: ['foo=1', 'foo=1'] },
  'one key twice, with two values': { values: ['foo=1', 'foo=2'], state: ['foo=1', 'foo=2'] },
};

test('tracestate is passed on whatever the case of its name', async (t) => {
  const send = await relay(t);
  for (const name of ['tracestate', 'TraceState', 'TrAcEsTaTe', 'TRACESTATE']) {
    const [{ state }] = (await send(['traceparent', valid], [name, 'foo=1'])) as [Outgoing];
    assert.deepEqual(state, ['foo=1'], name);
  }
});

test('a tracestate that is well-formed is passed on', async (t) => {
  const send = await relay(t);
  for (const [what, { values, state }] of Object.entries(passedOn)) {
    const headers = values.map((value): HeaderLine => ['tracestate', value]);
    const [sent] = (await send(['traceparent', valid], ...headers)) as [Outgoing];
    assert.deepEqual([sent.traceId, sent.state], [trace, state], what);
  }
});

const leftOut: Record<string, readonly HeaderLine[]> = {
  'an empty one': [['tracestate', '']],
  'another name': [['trace-state', 'foo=1']],
  'a third name': [['trace.state', 'foo=1']],
  'a space in a key': [['tracestate', 'foo =1']],
  'upper case in a key': [['tracestate', 'FOO=1']],
  'a dot in a key': [['tracestate', 'foo.bar=1']],
  'a key that starts with @': [['tracestate', '@foo=1,bar=2']],
  'a key of 257 characters': [
    ['tracestate', 'foo=1'],
    ['tracestate', `${'z'.repeat(257)}=1`],
  ],
  'two equals signs': [['tracestate', 'foo=bar=baz']],
  'an empty value': [['tracestate', 'foo=,bar=3']],
  '33 members': [
    ['tracestate', members(1, 16).join(',')],
    ['tracestate', members(17, 33).join(',')],
  ],
};

test('a tracestate that is malformed or too long is left out whole, and the trace goes on', async (t) => {
  const send = await relay(t);
  for (const [what, headers] of Object.entries(leftOut)) {
    const [sent] = (await send(['traceparent', valid], ...headers)) as [Outgoing];
    assert.deepEqual([sent.traceId, sent.state], [trace, undefined], what);
  }
});

test('several requests of one have its trace, each with a parent of its own', async (t) => {
  const send = await relay(t, 3);
  for (const headers of [
    [['traceparent', valid]],
    [],
    [['traceparent', `00-${'0'.repeat(32)}-${parent}-01`]],
  ] as HeaderLine[][]) {
    const sent = await send(...headers);
    const traceIds = new Set(sent.map(({ traceId }) => traceId));
    assert.equal(traceIds.size, 1);
    assert.equal(traceIds.has(trace), headers[0]?.[1] === valid);
    assert.equal(new Set(sent.map(({ parentId }) => parentId)).size, 3);
  }
});
