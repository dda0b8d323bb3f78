import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opentracing, withSpan } from '@spoor/core';
import { withoutTracing } from '@spoor/core/internal';
import { caughtFaults } from '@spoor/testing';
import { install, jaegerFormat, uninstall } from '@spoor/winston';
import type { Logform } from 'winston';
import { Destination, traced, versions } from './support.js';

for (const { name, winston } of versions) {
  const { combine, json, errors, splat, printf } = winston.format;

  /** Both ways to the same records. */
  const ways = [
    { way: 'install', begin: () => install(), first: [] },
    { way: 'jaegerFormat', begin: () => {}, first: [jaegerFormat()] },
  ];

  for (const { way, begin, first } of ways) {
    const title = `${name}, ${way}`;
    const formats = (...others: Logform.Format[]): Logform.Format =>
      combine(...first, ...others, json());

    test(`${title}: a record within a span has its ids, one outside is unchanged`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced();
      const output = new Destination();
      const logger = winston.createLogger({ format: formats(splat()), transports: [output] });

      logger.info('before');
      within(() => {
        logger.info('text');
        logger.info('text', { order: 7 });
        logger.info('order %d', 7);
        logger.log('warn', 'by log');
        logger.log({ level: 'error', message: 'as an object', order: 8 });
        logger.write({ level: 'info', message: 'written' });
      });
      logger.info('after');

      assert.deepEqual(output.records, [
        { level: 'info', message: 'before' },
        { level: 'info', message: 'text', ...ids },
        { level: 'info', message: 'text', order: 7, ...ids },
        { level: 'info', message: 'order 7', ...ids },
        { level: 'warn', message: 'by log', ...ids },
        { level: 'error', message: 'as an object', order: 8, ...ids },
        { level: 'info', message: 'written', ...ids },
        { level: 'info', message: 'after' },
      ]);
      assert.match(ids.trace_id, /^[0-9a-f]{16}([0-9a-f]{16})?$/);
      assert.match(ids.span_id, /^[0-9a-f]{16}$/);
    });

    test(`${title}: the application's own object is not touched`, (t) => {
      begin();
      t.after(uninstall);
      const output = new Destination();
      const logger = winston.createLogger({ format: formats(), transports: [output] });
      const info = { level: 'info', message: 'text' };
      const first = traced();
      const second = traced();

      first.within(() => logger.log(info));
      second.within(() => logger.log(info));

      assert.deepEqual(Object.keys(info), ['level', 'message']);
      assert.deepEqual(output.records, [
        { level: 'info', message: 'text', ...first.ids },
        { level: 'info', message: 'text', ...second.ids },
      ]);
    });

    test(`${title}: an error stays one for the formats that come after, and is not touched`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced();
      const output = new Destination();
      let seen: unknown;
      const look = winston.format((info) => {
        seen = info;
        return info;
      })();
      const logger = winston.createLogger({
        format: combine(...first, look, errors({ stack: true }), json()),
        transports: [output],
      });
      const error = Object.assign(new TypeError('broken'), { code: 'E_BROKEN' });

      within(() => logger.error(error));

      assert.ok(seen instanceof TypeError);
      assert.equal(seen.message, 'broken');
      assert.equal(seen.stack, error.stack);
      assert.ok(!('trace_id' in error));
      const { level, code, trace_id, span_id } = output.records[0]!;
      assert.deepEqual(
        { level, code, trace_id, span_id },
        { level: 'error', code: 'E_BROKEN', ...ids },
      );
    });

    test(`${title}: a format of a transport has the ids as well`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced();
      const line = printf(({ message, trace_id }) => `${message} ${trace_id}`);
      const output = new Destination({ format: combine(...first, line) });
      const logger = winston.createLogger({ transports: [output] });

      within(() => logger.info('text'));

      assert.deepEqual(output.lines, [`text ${ids.trace_id}`]);
    });

    test(`${title}: a field that the application writes stays, and no other is put beside it`, (t) => {
      begin();
      t.after(uninstall);
      const { within } = traced();
      const output = new Destination();
      const logger = winston.createLogger({ format: formats(), transports: [output] });

      within(() => {
        logger.info('text', { trace_id: 'mine' });
        logger.log({ level: 'info', message: 'text', span_id: 'mine' });
      });

      assert.deepEqual(output.records, [
        { level: 'info', message: 'text', trace_id: 'mine' },
        { level: 'info', message: 'text', span_id: 'mine' },
      ]);
    });

    test(`${title}: a span that is not sampled has ids too; Spoor's own sending and spans of other tracers without ids have none`, (t) => {
      begin();
      t.after(uninstall);
      const { within, ids } = traced(false);
      const output = new Destination();
      const logger = winston.createLogger({ format: formats(), transports: [output] });
      const noop = new opentracing.Tracer().startSpan('of another tracer');

      within(() => logger.info('not sampled'));
      withoutTracing(() => logger.info('sending'));
      withSpan(noop as never, () => logger.info('another tracer'));

      assert.deepEqual(output.records, [
        { level: 'info', message: 'not sampled', ...ids },
        { level: 'info', message: 'sending' },
        { level: 'info', message: 'another tracer' },
      ]);
    });
  }

  test(`${name}: the fields are called as wanted, or left out`, (t) => {
    const { within, ids } = traced();
    const unsampled = traced(false);
    const output = new Destination();
    const fields = { traceId: 'trace.id', spanId: false, sampled: 'sampled' } as const;
    const plain = winston.createLogger({ transports: [output] });
    const withFormat = winston.createLogger({
      format: combine(jaegerFormat({ fields }), json()),
      transports: [output],
    });

    within(() => withFormat.info('format'));
    install({ fields });
    t.after(uninstall);
    within(() => plain.info('installed'));
    unsampled.within(() => plain.info('not sampled'));
    install({ fields: { traceId: false, spanId: false } });
    within(() => plain.info('none'));

    const id = { 'trace.id': ids.trace_id };
    assert.deepEqual(output.records, [
      { level: 'info', message: 'format', ...id, sampled: true },
      { level: 'info', message: 'installed', ...id, sampled: true },
      {
        level: 'info',
        message: 'not sampled',
        'trace.id': unsampled.ids.trace_id,
        sampled: false,
      },
      { level: 'info', message: 'none' },
    ]);
  });

  test(`${name}: with a format of ours and install the ids are there once`, (t) => {
    const { within, ids } = traced();
    const output = new Destination();
    install();
    t.after(uninstall);
    const logger = winston.createLogger({
      format: combine(jaegerFormat(), json()),
      transports: [output],
    });

    within(() => logger.info('text'));

    assert.deepEqual(output.records, [{ level: 'info', message: 'text', ...ids }]);
    assert.equal(output.lines[0]!.split('"trace_id"').length, 2);
  });

  test(`${name}: installed after, a logger that is there has the ids; uninstalled the library is what it was`, (t) => {
    const { within, ids } = traced();
    const output = new Destination();
    const logger = winston.createLogger({ transports: [output] });
    const before = logger.write;

    install();
    install();
    const faults = t.mock.method(console, 'error', () => {});
    install({ module: winston });
    t.after(uninstall);
    assert.equal(faults.mock.callCount(), 0);
    assert.deepEqual([logger.write.name, logger.write.length], [before.name, before.length]);
    within(() => logger.info('installed'));
    uninstall();
    assert.equal(logger.write, before);
    within(() => logger.info('uninstalled'));
    install();
    within(() => logger.info('again'));

    assert.deepEqual(output.records, [
      { level: 'info', message: 'installed', ...ids },
      { level: 'info', message: 'uninstalled' },
      { level: 'info', message: 'again', ...ids },
    ]);
  });

  test(`${name}: behind a slow transport a record has the ids of the span in which it was written`, async (t) => {
    install();
    t.after(uninstall);
    const spans = Array.from({ length: 100 }, () => traced());
    const infos: { message: string; trace_id: string }[] = [];
    const slow = new Destination();
    const written = new Promise<void>((resolve) => {
      slow.log = (info, next) => {
        infos.push(info as never);
        if (infos.length === spans.length) resolve();
        setImmediate(next);
      };
    });
    const logger = winston.createLogger({ transports: [slow] });

    for (const [i, { within }] of spans.entries()) within(() => logger.info(`${i}`));
    assert.ok(infos.length < spans.length);
    await written;

    assert.deepEqual(
      infos.map(({ message, trace_id }) => [message, trace_id]),
      spans.map(({ ids }, i) => [`${i}`, ids.trace_id]),
    );
  });

  test(`${name}: a record that no transport takes is not looked at`, (t) => {
    const { span, within } = traced();
    const context = t.mock.method(span, 'context');
    install();
    t.after(uninstall);
    const output = new Destination({ level: 'warn' });
    const errorsOnly = new Destination({ level: 'error' });
    const logger = winston.createLogger({ level: 'debug', transports: [output, errorsOnly] });
    const silent = winston.createLogger({ silent: true, transports: [new Destination()] });

    within(() => {
      logger.info('text');
      silent.error('text');
    });
    assert.equal(context.mock.callCount(), 0);

    within(() => logger.warn('text'));
    assert.equal(context.mock.callCount(), 1);
    assert.equal(output.records.length, 1);
  });

  test(`${name}: levels of the application's own, of which the logger has none, have the ids`, (t) => {
    const { within, ids } = traced();
    install();
    t.after(uninstall);
    const output = new Destination({ level: 'low' });
    const logger = winston.createLogger({ levels: { high: 0, low: 1 }, transports: [output] });

    within(() => logger.log('high', 'text'));

    assert.deepEqual(output.records, [{ level: 'high', message: 'text', ...ids }]);
  });

  test(`${name}: with logErrors records of level error and above are logs of the span, with the error that they carry`, (t) => {
    const { within, finished } = traced();
    install({ logErrors: true });
    t.after(uninstall);
    const logger = winston.createLogger({
      levels: winston.config.syslog.levels,
      format: combine(splat(), json()),
      transports: [new Destination()],
    });
    const error = new TypeError('broken');

    within(() => {
      logger.warning(error);
      logger.error('order %d failed', 7);
      logger.crit('payment failed', { error });
      logger.log({ level: 'error', message: error as never });
    });
    logger.error('outside');

    const thrown = { event: 'error', 'error.kind': 'TypeError', stack: error.stack };
    assert.deepEqual(
      finished().logs.map(({ fields }) => fields),
      [
        { event: 'error', message: 'order 7 failed' },
        { ...thrown, message: 'payment failed' },
        { ...thrown, message: 'broken' },
      ],
    );
  });

  test(`${name}: child loggers and metadata of a logger have the ids, and what they set themselves stays`, (t) => {
    const { within, ids } = traced();
    install();
    t.after(uninstall);
    const output = new Destination();
    const logger = winston.createLogger({ defaultMeta: { service: 'a' }, transports: [output] });
    const child = logger.child({ request: 1 }).child({ part: 'b' });
    const own = logger.child({ trace_id: 'mine' });
    const stored = winston.createLogger({ defaultMeta: { span_id: 'mine' }, transports: [output] });

    within(() => {
      child.info('child');
      own.info('own');
      stored.info('stored');
    });

    assert.deepEqual(output.records, [
      { level: 'info', message: 'child', service: 'a', request: 1, part: 'b', ...ids },
      { level: 'info', message: 'own', service: 'a', trace_id: 'mine' },
      { level: 'info', message: 'stored', span_id: 'mine' },
    ]);
  });

  test(`${name}: an error that a child logger takes apart is logged on the span as an error`, (t) => {
    const { within, finished } = traced();
    install({ logErrors: true });
    t.after(uninstall);
    const error = new TypeError('broken');
    const child = winston.createLogger({ transports: [new Destination()] }).child({ request: 1 });

    within(() => {
      child.error(error);
      child.error('failed', error);
    });

    const thrown = { event: 'error', 'error.kind': 'TypeError', stack: error.stack };
    const [first, second] = finished().logs.map(({ fields }) => fields);
    assert.deepEqual(first, { ...thrown, message: 'broken' });
    // Later versions of winston write a space between the two.
    assert.match(String(second?.message), /^failed ?broken$/);
    assert.deepEqual({ ...second, message: '' }, { ...thrown, message: '' });
  });
}

test('without logErrors nothing is logged on the span', (t) => {
  const { within, finished } = traced();
  install();
  t.after(uninstall);
  const logger = versions[0]!.winston.createLogger({ transports: [new Destination()] });

  within(() => logger.error('text'));

  assert.deepEqual(finished().logs, []);
});

test('options that cannot be meant are refused, with the one that was meant', () => {
  assert.throws(() => install({ field: {} } as object), {
    name: 'SpoorError',
    message: 'install.field: unknown option. Did you mean install.fields?',
  });
  assert.throws(() => install({ logErrors: 'yes' as never }), /expected true or false/);
  assert.throws(() => jaegerFormat({ fields: { spanID: 'x' } as object }), {
    message: 'jaegerFormat.fields.spanID: unknown option. Did you mean jaegerFormat.fields.spanId?',
  });
  assert.throws(() => jaegerFormat({ logErrors: true } as object), /Write install\(\{ logErrors/);
  assert.throws(() => jaegerFormat('x' as never), /jaegerFormat: expected an object of options/);
});

test('a record in what was made active and is no span is written as it is, and that is said', (t) => {
  const faults = caughtFaults(t);
  const output = new Destination();
  const { winston } = versions[0]!;
  const format = winston.format.combine(jaegerFormat(), winston.format.json());
  const logger = winston.createLogger({ format, transports: [output] });
  for (let i = 0; i < 2; i++) withSpan({} as never, () => logger.info('no span'));
  assert.deepEqual(output.records, [
    { level: 'info', message: 'no span' },
    { level: 'info', message: 'no span' },
  ]);
  assert.deepEqual(faults, [
    'spoor: the log correlation instrumentation failed: span.context is not a function. The request goes on without its span.',
  ]);
});
