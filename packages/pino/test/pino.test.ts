import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { opentracing, withSpan } from '@spoor/core';
import { withoutTracing } from '@spoor/core/internal';
import { setParentExtractor } from '@spoor/instrumentation';
import { install, jaegerMixin, uninstall } from '@spoor/pino';
import { caughtFaults } from '@spoor/testing';
import { Destination, majors, traced } from './support.js';

/** Both ways to the same records. */
const ways = [
  { way: 'install', begin: () => install(), options: {} },
  { way: 'jaegerMixin', begin: () => {}, options: { mixin: jaegerMixin() } },
];

for (const { name, pino } of majors) {
  for (const { way, begin, options } of ways) {
    const title = `${name}, ${way}`;

    test(`${title}: a record within a span has its ids, one outside is unchanged`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced();
      const output = new Destination();
      const logger = pino(options, output);

      logger.info('before');
      within(() => {
        logger.info('text %s', 'formatted');
        logger.warn({ order: 7 }, 'object');
        logger.error(null as unknown, 'nothing');
      });
      logger.info({ order: 8 }, 'after');

      assert.deepEqual(output.records, [
        { level: 30, msg: 'before' },
        { level: 30, ...ids, msg: 'text formatted' },
        { level: 40, ...ids, order: 7, msg: 'object' },
        { level: 50, ...ids, msg: 'nothing' },
        { level: 30, order: 8, msg: 'after' },
      ]);
      assert.match(ids.trace_id, /^[0-9a-f]{16}([0-9a-f]{16})?$/);
      assert.match(ids.span_id, /^[0-9a-f]{16}$/);
    });

    test(`${title}: an error is written as ever, with the ids`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced();
      const output = new Destination();
      const error = new TypeError('broken');

      within(() => pino(options, output).error(error));

      const [record] = output.records;
      assert.deepEqual(record, {
        level: 50,
        ...ids,
        err: { type: 'TypeError', message: 'broken', stack: error.stack },
        msg: 'broken',
      });
    });

    test(`${title}: the application's own object is not touched, frozen or not`, (t) => {
      begin();
      t.after(uninstall);
      const output = new Destination();
      const logger = pino(options, output);
      const order = { id: 7 };
      const frozen = Object.freeze({ id: 8 });
      const first = traced();
      const second = traced();

      first.within(() => logger.info(order));
      second.within(() => logger.info(order));
      second.within(() => logger.info(frozen));

      assert.deepEqual(order, { id: 7 });
      assert.deepEqual(output.records, [
        { level: 30, ...first.ids, id: 7 },
        { level: 30, ...second.ids, id: 7 },
        { level: 30, ...second.ids, id: 8 },
      ]);
    });

    test(`${title}: child loggers have the ids of the span in which they write, with their own bindings`, (t) => {
      begin();
      t.after(uninstall);
      const other = traced();
      const { within, ids } = traced();
      const output = new Destination();
      const child = other.within(() => pino(options, output).child({ request: 1 }));
      const grandchild = child.child({ part: 'a' }, { level: 'debug', msgPrefix: '> ' });

      within(() => {
        child.info('child');
        grandchild.debug('grandchild');
      });

      assert.deepEqual(output.records, [
        { level: 30, request: 1, ...ids, msg: 'child' },
        { level: 20, request: 1, part: 'a', ...ids, msg: '> grandchild' },
      ]);
    });

    test(`${title}: a field that the application writes stays, in a record or a binding, and no other is put beside it`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced();
      const output = new Destination();
      const logger = pino(options, output);
      const bound = logger.child({ trace_id: 'mine' });
      const further = logger.child({ request: { trace_id: 'theirs' } });
      const later = logger.child({});
      later.setBindings({ span_id: 'mine' });

      within(() => {
        logger.info({ trace_id: 'mine' });
        bound.info({ order: 7 });
        further.info('inside of another');
        later.info('set later');
      });

      assert.deepEqual(output.records, [
        { level: 30, trace_id: 'mine' },
        { level: 30, trace_id: 'mine', order: 7 },
        { level: 30, request: { trace_id: 'theirs' }, ...ids, msg: 'inside of another' },
        { level: 30, span_id: 'mine', msg: 'set later' },
      ]);
      for (const line of output.lines) assert.ok(line.split('"trace_id"').length <= 3, line);
    });

    test(`${title}: nestedKey, messageKey, formatters, serializers and redact treat the ids as any field`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced();
      const output = new Destination();
      const write = (more: object): void =>
        within(() => pino({ ...options, ...more }, output).info({ order: 7 }, 'text'));

      write({ nestedKey: 'data' });
      write({ messageKey: 'message' });
      write({ formatters: { log: (record: object) => ({ inner: record }) } });
      write({ formatters: { level: (label: string) => ({ severity: label }) } });
      write({ redact: ['span_id'] });
      write({ serializers: { trace_id: (id: string) => id.toUpperCase() } });

      assert.deepEqual(output.records, [
        { level: 30, data: { ...ids, order: 7 }, msg: 'text' },
        { level: 30, ...ids, order: 7, message: 'text' },
        { level: 30, inner: { ...ids, order: 7 }, msg: 'text' },
        { severity: 'info', ...ids, order: 7, msg: 'text' },
        { level: 30, ...ids, span_id: '[Redacted]', order: 7, msg: 'text' },
        { level: 30, ...ids, trace_id: ids.trace_id.toUpperCase(), order: 7, msg: 'text' },
      ]);
    });

    test(`${title}: a span that is not sampled has ids too; Spoor's own sending and spans of other tracers without ids have none`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced(false);
      const output = new Destination();
      const logger = pino(options, output);
      const noop = new opentracing.Tracer().startSpan('of another tracer');

      within(() => logger.info('not sampled'));
      withoutTracing(() => logger.info('sending'));
      withSpan(noop as never, () => logger.info('another tracer'));

      assert.deepEqual(output.records, [
        { level: 30, ...ids, msg: 'not sampled' },
        { level: 30, msg: 'sending' },
        { level: 30, msg: 'another tracer' },
      ]);
    });
  }

  test(`${name}: the fields are called as wanted, or left out`, (t) => {
    const { within, ids, span } = traced();
    const unsampled = traced(false);
    const output = new Destination();
    const fields = { traceId: 'trace.id', spanId: false, sampled: 'sampled' } as const;
    const plain = pino({}, output);

    within(() => pino({ mixin: jaegerMixin({ fields }) }, output).info('mixin'));
    install({ fields });
    t.after(uninstall);
    within(() => plain.info('installed'));
    unsampled.within(() => plain.info('not sampled'));
    install({ fields: { traceId: false, spanId: false } });
    within(() => plain.info('none'));
    install({ fields: { sampled: 'sampled' } });
    withSpan(foreignSpan(), () => plain.info('of another tracer'));

    const id = { 'trace.id': ids.trace_id };
    assert.equal(span.isSampled(), true);
    assert.deepEqual(output.records, [
      { level: 30, ...id, sampled: true, msg: 'mixin' },
      { level: 30, ...id, sampled: true, msg: 'installed' },
      { level: 30, 'trace.id': unsampled.ids.trace_id, sampled: false, msg: 'not sampled' },
      { level: 30, msg: 'none' },
      { level: 30, trace_id: '12', span_id: '34', msg: 'of another tracer' },
    ]);
  });

  test(`${name}: a mixin of the application's own is merged, and goes before the ids`, (t) => {
    const { within, ids } = traced();
    const output = new Destination();
    const own = (_: object, level: number): object => ({ tenant: 'a', at: level });
    const constant = Object.freeze({ trace_id: 'mine' });
    const write = (options: object): void => {
      const logger = pino(options, output);
      logger.info('outside');
      within(() => logger.info({ tenant: 'b' }, 'inside'));
    };

    write({ mixin: jaegerMixin({ mixin: own }) });
    write({ mixin: jaegerMixin({ mixin: () => constant }) });
    install();
    t.after(uninstall);
    write({ mixin: own });
    write({ mixin: () => ({ ...constant }) });

    const merged = [
      { level: 30, tenant: 'a', at: 30, msg: 'outside' },
      { level: 30, ...ids, tenant: 'b', at: 30, msg: 'inside' },
      { level: 30, trace_id: 'mine', msg: 'outside' },
      { level: 30, trace_id: 'mine', tenant: 'b', msg: 'inside' },
    ];
    assert.deepEqual(output.records, [...merged, ...merged]);
  });

  test(`${name}: with a mixin of ours and install the ids are there once, under the names of the mixin`, (t) => {
    const { within, ids } = traced();
    const output = new Destination();
    install();
    t.after(uninstall);

    within(() => {
      pino({ mixin: jaegerMixin() }, output).info('the same names');
      const fields = { traceId: 'traceId', spanId: 'spanId' };
      pino({ mixin: jaegerMixin({ fields }) }, output).info('other names');
    });

    assert.deepEqual(output.records, [
      { level: 30, ...ids, msg: 'the same names' },
      { level: 30, traceId: ids.trace_id, spanId: ids.span_id, msg: 'other names' },
    ]);
    assert.equal(output.lines[0]!.split('"trace_id"').length, 2);
  });

  test(`${name}: a formatter gets an object of a class as it is, and the ids are beside what it makes of it`, (t) => {
    const { within, ids } = traced();
    const output = new Destination();
    install();
    t.after(uninstall);
    class Order {
      readonly #id = 7;
      describe(): object {
        return { id: this.#id };
      }
    }
    const log = (record: object): Record<string, unknown> =>
      (record instanceof Order ? record.describe() : record) as Record<string, unknown>;

    within(() => pino({ formatters: { log } }, output).info(new Order(), 'text'));

    assert.deepEqual(output.records, [{ level: 30, ...ids, id: 7, msg: 'text' }]);
  });

  test(`${name}: installed after, a logger that is there has the ids; uninstalled the library is what it was`, (t) => {
    const { within, ids } = traced();
    const output = new Destination();
    const logger = pino({}, output);
    const child = logger.child({ request: 1 });
    const { asJsonSym } = pino.symbols as unknown as Record<string, keyof typeof logger>;
    const before = logger[asJsonSym!];

    install();
    install();
    install({ module: pino });
    t.after(uninstall);
    within(() => child.info('installed'));
    uninstall();
    assert.equal(logger[asJsonSym!], before);
    within(() => child.info('uninstalled'));
    install();
    within(() => child.info('again'));

    assert.deepEqual(output.records, [
      { level: 30, request: 1, ...ids, msg: 'installed' },
      { level: 30, request: 1, msg: 'uninstalled' },
      { level: 30, request: 1, ...ids, msg: 'again' },
    ]);
  });

  test(`${name}: with logErrors records of level error and above are logs of the span, with the error that they carry`, (t) => {
    const { within, finished } = traced();
    const output = new Destination();
    install({ logErrors: true });
    t.after(uninstall);
    const logger = pino({ level: 'trace' }, output);
    const error = new TypeError('broken');

    within(() => {
      logger.warn(error, 'not bad enough');
      logger.error('order %d failed', 7);
      logger.fatal(error);
      logger.error({ err: error }, 'payment failed');
      pino({ mixin: jaegerMixin(), errorKey: 'cause' }, output).error(error, 'by another key');
      pino({ level: 'fatal' }, output).error('not written');
    });
    logger.error('outside');

    const thrown = { event: 'error', 'error.kind': 'TypeError', stack: error.stack };
    assert.deepEqual(
      finished().logs.map(({ fields }) => fields),
      [
        { event: 'error', message: 'order 7 failed' },
        { ...thrown, message: 'broken' },
        { ...thrown, message: 'payment failed' },
        { ...thrown, message: 'by another key' },
      ],
    );
  });

  test(`${name}: with levels of the application's own logErrors goes by their order`, (t) => {
    const { within, finished } = traced();
    install({ logErrors: true });
    t.after(uninstall);
    const own = { customLevels: { error: 10, notice: 20, worst: 5 }, useOnlyCustomLevels: true };
    const down = pino(
      { ...own, level: 'notice', levelComparison: 'DESC' } as object,
      new Destination(),
    ) as unknown as Record<string, (text: string) => void>;

    within(() => {
      for (const level of ['notice', 'error', 'worst']) down[level]!(level);
    });

    assert.deepEqual(
      finished().logs.map(({ fields }) => fields.message),
      ['error', 'worst'],
    );
  });
}

test('without logErrors, or on a span that is not sampled, nothing is logged on the span', (t) => {
  const sampled = traced();
  const logger = majors[0]!.pino({}, new Destination());
  install();
  t.after(uninstall);
  sampled.within(() => logger.error('text'));
  assert.deepEqual(sampled.finished().logs, []);

  install({ logErrors: true });
  const unsampled = traced(false);
  unsampled.within(() => logger.error('text'));
  assert.equal(unsampled.span.logs, undefined);
});

test('a span that a framework carries by itself is the one whose ids are written; an extractor that throws harms nothing', (t) => {
  const { span, ids } = traced();
  const output = new Destination();
  const logger = majors[0]!.pino({}, output);
  install();
  t.after(uninstall);
  t.after(() => setParentExtractor(undefined));

  setParentExtractor(() => span);
  logger.info('carried');
  setParentExtractor(() => {
    throw new Error('broken');
  });
  const faults = caughtFaults(t);
  logger.info('broken');

  assert.deepEqual(output.records, [
    { level: 30, ...ids, msg: 'carried' },
    { level: 30, msg: 'broken' },
  ]);
  assert.deepEqual(faults, [
    'spoor: the log correlation instrumentation failed: broken. The request goes on without its span.',
  ]);
});

test('of two copies of the package only one adds the ids and logs errors', (t) => {
  const { within, ids, finished } = traced();
  const require = createRequire(import.meta.url);
  delete require.cache[require.resolve('@spoor/pino')];
  const copy = require('@spoor/pino') as typeof import('@spoor/pino');
  assert.notEqual(copy.install, install);
  install({ logErrors: true });
  copy.install({ logErrors: true });
  t.after(uninstall);
  const output = new Destination();

  within(() => majors[0]!.pino({ mixin: copy.jaegerMixin() }, output).error('text'));

  assert.deepEqual(output.records, [{ level: 50, ...ids, msg: 'text' }]);
  assert.equal(finished().logs.length, 1);
});

test('a pino of a version that is not known is left alone', (t) => {
  const { within } = traced();
  const pino7 = createRequire(import.meta.url)('pino-7') as (typeof majors)[0]['pino'];
  const output = new Destination();
  install();
  t.after(uninstall);

  within(() => pino7({}, output).info('text'));

  assert.deepEqual(output.records, [{ level: 30, msg: 'text' }]);
});

test('options that cannot be meant are refused, with the one that was meant', () => {
  assert.throws(() => install({ logError: true } as object), {
    name: 'SpoorError',
    message: 'install.logError: unknown option. Did you mean install.logErrors?',
  });
  assert.throws(() => install({ logErrors: 1 as never }), /install.logErrors: expected true or/);
  assert.throws(() => install({ fields: { traceid: 'x' } as object }), {
    message: 'install.fields.traceid: unknown option. Did you mean install.fields.traceId?',
  });
  assert.throws(() => jaegerMixin({ fields: { traceId: '' } }), {
    message: "jaegerMixin.fields.traceId: expected a name or false. Write { traceId: 'trace_id' }.",
  });
  assert.throws(() => jaegerMixin({ fields: { sampled: true as never } }), {
    message:
      "jaegerMixin.fields.sampled: expected a name or false. Write { sampled: 'trace_sampled' }.",
  });
  assert.throws(
    () => install({ fields: { traceId: 'id', spanId: 'id' } }),
    /install.fields: two fields are called "id"/,
  );
  assert.throws(() => install({ fields: 'trace_id' as never }), /expected an object of options/);
  assert.throws(
    () => jaegerMixin({ mixin: {} as never }),
    /jaegerMixin.mixin: expected a function/,
  );
  assert.throws(() => jaegerMixin({ logErrors: true } as object), /Write install\(\{ logErrors/);
  assert.throws(() => jaegerMixin(null as never), /jaegerMixin: expected an object of options/);
});

test('a record in what was made active and is no span is written as it is, and that is said', (t) => {
  const faults = caughtFaults(t);
  install();
  t.after(uninstall);
  const output = new Destination();
  const logger = majors[0]!.pino({}, output);
  for (let i = 0; i < 2; i++) withSpan({} as never, () => logger.info('no span'));
  assert.deepEqual(output.records, [
    { level: 30, msg: 'no span' },
    { level: 30, msg: 'no span' },
  ]);
  assert.deepEqual(faults, [
    'spoor: the log correlation instrumentation failed: span.context is not a function. The request goes on without its span.',
  ]);
});

/** With ids of its own kind. */
function foreignSpan(): never {
  const context = { toTraceId: () => '12', toSpanId: () => '34' };
  return { context: () => context } as never;
}
