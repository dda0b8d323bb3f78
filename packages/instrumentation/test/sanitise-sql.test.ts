import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SqlDialect, sanitiseSql } from '@spoor/instrumentation';

const postgresql = (text: string): string => sanitiseSql(text, { dialect: 'postgresql' });
const mysql = (text: string): string => sanitiseSql(text, { dialect: 'mysql' });

const kept: Record<string, readonly [text: string, sanitised: string][]> = {
  'placeholders, names and operators stay': [
    [
      'SELECT a1, "Sel""ect 2" FROM t2 WHERE id = $1',
      'SELECT a1, "Sel""ect 2" FROM t2 WHERE id = $1',
    ],
    [
      'select x::int, y->z from s.t where a = :name and b ? $12',
      'select x::int, y->z from s.t where a = :name and b ? $12',
    ],
    ['SELECT NULL, TRUE, naïve FROM a$b', 'SELECT NULL, TRUE, naïve FROM a$b'],
  ],
  'strings of every kind become ?': [
    ["SELECT 'it''s', E'a\\'b', B'01', x'ff', N'n', U&'\\0041'", 'SELECT ?, ?, ?, ?, ?, ?'],
    ["SELECT 'a\\', 'b'", 'SELECT ?, ?'],
    ['SELECT $$a $1 b$$, $t$x $$ y$t$, $1', 'SELECT ?, ?, $1'],
    ["date'2020-01-01'", 'date?'],
  ],
  'numbers become ?, digits of names do not': [
    [
      'SELECT 1, 1.5, .5, -2, 1e10, 1.5E-3, 0xFF, 1_000, t1.c2',
      'SELECT ?, ?, ?, -?, ?, ?, ?, ?, t1.c2',
    ],
    ['SELECT a[1:2], 1+1', 'SELECT a[?:?], ?+?'],
    ['LIMIT 10 OFFSET 20', 'LIMIT ? OFFSET ?'],
  ],
  'comments are gone and white space is folded': [
    ['  SELECT --secret\n 1 /* a /* nested */ b */ FROM\tt\r\n', 'SELECT ? FROM t'],
    ['/* only */', ''],
    ['SELECT 1 -- no end', 'SELECT ?'],
  ],
  'a list of IN becomes one ?': [
    ['a IN (1, 2, 3) AND b in ($1,$2) AND c IN ( ? )', 'a IN (?) AND b in (?) AND c IN (?)'],
    ["(a, b) IN ((1, 'x'), (2, 'y'))", '(a, b) IN (?)'],
    ['a IN (SELECT 1) AND b IN ()', 'a IN (SELECT ?) AND b IN ()'],
    ['a IN (1, f(2), 3)', 'a IN (?, f(?), ?)'],
    ['x = min(1, 2)', 'x = min(?, ?)'],
  ],
  'of the rows of VALUES one is left': [
    [
      "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y') , (3, 'z') RETURNING id",
      'INSERT INTO t (a, b) VALUES (?, ?) RETURNING id',
    ],
    ['INSERT INTO t VALUES ($1, now()), ($2, now())', 'INSERT INTO t VALUES ($1, now())'],
    ['(VALUES (1), (2)) AS v (a), w', '(VALUES (?)) AS v (a), w'],
    ['SELECT * FROM (VALUES (1)) v, (SELECT 2) w', 'SELECT * FROM (VALUES (?)) v, (SELECT ?) w'],
  ],
  'what has no end hides the rest': [
    ["SELECT 'secret FROM t", 'SELECT ?'],
    ['SELECT $a$secret FROM t', 'SELECT ?'],
    ['SELECT "secret FROM t', 'SELECT ?'],
    ['SELECT 1 /* secret', 'SELECT ?'],
  ],
};

for (const [title, cases] of Object.entries(kept)) {
  test(title, () => {
    for (const [text, sanitised] of cases) assert.equal(postgresql(text), sanitised);
  });
}

test('MySQL: double quotes are strings, back-ticks names, backslashes escape, # begins a comment', () => {
  assert.equal(
    mysql('SELECT "se\\"cret", \'a\\\'b\', `co``l 1`, 5--5 # secret\nFROM t -- secret'),
    'SELECT ?, ?, `co``l 1`, ?--? FROM t',
  );
  assert.equal(mysql("SELECT _utf8'secret', @v, $x"), 'SELECT _utf8?, @v, $x');
});

test('a long statement is cut at 1024 bytes, between two characters', () => {
  const name = 'ä😀'.repeat(300);
  const sanitised = postgresql(`SELECT ${name}`);
  assert.ok(Buffer.byteLength(sanitised) <= 1024);
  assert.ok(Buffer.byteLength(sanitised) > 1015);
  assert.ok(sanitised.endsWith('…'));
  assert.ok(sanitised.isWellFormed?.() ?? true);
  assert.equal(postgresql(`SELECT ${'a'.repeat(1017)}`), `SELECT ${'a'.repeat(1017)}`);
  assert.equal(Buffer.byteLength(postgresql(`SELECT ${'a'.repeat(1018)}`)), 1024);
});

test('lists and rows that are collapsed do not count, however long they are', () => {
  const values = Array.from({ length: 50_000 }, (_, i) => i).join(', ');
  assert.equal(
    postgresql(`SELECT a FROM t WHERE b IN (${values}) LIMIT 1`),
    'SELECT a FROM t WHERE b IN (?) LIMIT ?',
  );
  const rows = Array.from({ length: 50_000 }, (_, i) => `(${i}, 'x')`).join(', ');
  assert.equal(
    postgresql(`INSERT INTO t VALUES ${rows} RETURNING id`),
    'INSERT INTO t VALUES (?, ?) RETURNING id',
  );
});

test('random statements: nothing throws, no literal is left, and what is left is sanitised already', () => {
  const random = seeded(20261121);
  for (const dialect of ['postgresql', 'mysql'] as const) {
    for (let round = 0; round < 5000; round++) {
      const text = randomStatement(random, dialect);
      const sanitised = sanitiseSql(text, { dialect });
      assert.doesNotMatch(sanitised, /secret|4242/, text);
      assert.ok(Buffer.byteLength(sanitised) <= 1024, text);
      if (!sanitised.endsWith('…'))
        assert.equal(sanitiseSql(sanitised, { dialect }), sanitised, text);
    }
  }
});

test('random noise: nothing throws', () => {
  const random = seeded(7);
  const characters = [
    ...'\'"`$?:.,()[]{}-+/*#\\eEuU&xX09aA_ \n\0ä😀\ud800',
    'IN (',
    'VALUES (',
    '), (',
  ];
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from(
      { length: random(40) },
      () => characters[random(characters.length)],
    ).join('');
    for (const dialect of ['postgresql', 'mysql'] as const) sanitiseSql(text, { dialect });
  }
});

test('hostile texts take time in proportion to their length', () => {
  const units = [
    "'",
    '$a$ ',
    '$a',
    '/*',
    '((',
    'IN (1,',
    'VALUES (1),(',
    '"',
    "''",
    '1',
    '-',
    '$$$',
    '.1',
    'e',
    ':a',
    '\\',
    '--',
    'IN (1) ',
  ];
  for (const unit of units) {
    // More than is ever cached, so that each is scanned.
    const text = `SELECT ${unit.repeat(Math.ceil(2_000_000 / unit.length))}`;
    const startedAt = performance.now();
    postgresql(text);
    mysql(text);
    const ms = performance.now() - startedAt;
    assert.ok(ms < 3000, `${unit}: ${ms} ms`);
  }
});

test('a text that comes again is answered from a bounded memory', () => {
  for (let i = 0; i < 2000; i++) postgresql(`SELECT a${i}`);
  const text = 'SELECT 1 FROM again';
  assert.equal(postgresql(text), postgresql(text));
});

type Random = (below: number) => number;

/** Mulberry32: the same numbers in every run. */
function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Names, signs and literals in any order, with a gap or a comment between; every literal and comment is secret. */
function randomStatement(random: Random, dialect: SqlDialect): string {
  const literals = [
    "'secret'",
    "'a''secret'",
    "N'secret'",
    '4242',
    '4242.5e-3',
    '-4242',
    '.4242',
    '0x4242',
    "'--secret'",
    "'/*secret'",
  ];
  const own =
    dialect === 'postgresql'
      ? ["E'\\'secret'", '$$secret$$', '$q$ secret $$ 4242 $q$', "U&'secret'", "'secret\\'"]
      : ['"secret"', "'\\'secret'", '"a""secret"', "'se\\\\cret'", "'secret\\\\'"];
  const others = [
    'SELECT',
    'IN (',
    'IN',
    'VALUES',
    '(',
    ')',
    '), (',
    ',',
    't1',
    '$1',
    '?',
    ':name',
    '::',
    '=',
    '"na me"',
    '`na me`',
    'a.b',
    '[',
    ']',
    ';',
    'e',
    '<->',
  ];
  const gaps = [' ', '\n', ' /* secret 4242 */ ', ' -- secret\n', '\t'];
  const words = [
    ...literals,
    ...own,
    ...others.filter((word) => dialect === 'mysql' || word !== '`na me`'),
  ].filter((word) => dialect === 'postgresql' || word !== '"na me"');
  let text = '';
  for (let count = random(30); count > 0; count--) {
    text += words[random(words.length)]! + gaps[random(gaps.length)]!;
  }
  return text;
}
