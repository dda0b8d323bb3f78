/** What the name of a command says about its span. */
export interface CommandName {
  readonly lower: string;
  /** `redis:GET` */
  readonly operation: string;
  /** Waits by design, as long as it is told to. */
  readonly isBlocking: boolean;
  /** Waits when it is told to: with `BLOCK`. */
  readonly hasBlockOption: boolean;
  /** What the library sends by itself to set up a connection: below an active span at most, never a trace of its own. */
  readonly isOfConnection: boolean;
  /** Never has a span. */
  readonly isSilent: boolean;
}

const blocking = new Set(
  'blmove blmovem blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin wait waitaof'.split(' '),
);
const withBlockOption = new Set(['xread', 'xreadgroup']);
const ofConnection = new Set(
  'auth client cluster hello himport info psubscribe readonly readwrite select sentinel ssubscribe subscribe'.split(
    ' ',
  ),
);
const silent = new Set(['asking', 'monitor', 'quit']);

const known = new Map<string, CommandName>();

/** More names than Redis has, with all its modules. */
const maxKnown = 2000;

/** `redis.call` takes any text, and a span must not be called by it. */
const printable = /^[a-z][a-z0-9._-]{0,39}$/;

export function commandName(name: string): CommandName {
  return known.get(name) ?? learn(name);
}

function learn(name: string): CommandName {
  const lower = name.toLowerCase();
  const learned = {
    lower,
    operation: printable.test(lower) ? `redis:${lower.toUpperCase()}` : 'redis:_OTHER',
    isBlocking: blocking.has(lower),
    hasBlockOption: withBlockOption.has(lower),
    isOfConnection: ofConnection.has(lower),
    isSilent: silent.has(lower),
  };
  if (known.size < maxKnown) known.set(name, learned);
  return learned;
}
