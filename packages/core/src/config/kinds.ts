import { nearest } from './nearest.js';

/**
 * A type of option: what values it takes from code, and how it reads them from an environment variable. Both return the
 * value, or throw {@link Misfit} with what is expected.
 */
export interface Kind<T> {
  fromCode(value: unknown): T;
  fromText(text: string): T;
}

/** What is wrong with a value and what to write instead; the caller adds where it stands. */
export class Misfit extends Error {}

export const text: Kind<string> = {
  fromCode(value) {
    if (typeof value === 'string' && value.trim() !== '') return value;
    throw new Misfit(`expected a text, got ${show(value)}. Write a text that is not empty.`);
  },
  fromText: (value) => text.fromCode(value),
};

export const flag: Kind<boolean> = {
  fromCode(value) {
    if (typeof value === 'boolean') return value;
    throw new Misfit(`expected true or false, got ${show(value)}. Write true or false.`);
  },
  fromText(value) {
    const lower = value.trim().toLowerCase();
    if (lower === 'true' || lower === '1') return true;
    if (lower === 'false' || lower === '0') return false;
    throw new Misfit(`expected true or false, got ${show(value)}. Write true or false.`);
  },
};

export const port: Kind<number> = wholeNumber(1, 65_535, 'Write 6831, the port of a Jaeger agent');

/** An address that starts with `http:` or `https:`. */
export const httpUrl: Kind<string> = {
  fromCode(value) {
    const url = text.fromCode(value);
    if (/^https?:\/\//.test(url) && URL.canParse(url)) return url;
    const isAddress = !url.includes('://') && URL.canParse(`http://${url}`);
    throw new Misfit(
      isAddress
        ? `${show(url)} has no scheme. Write http://${url}.`
        : `expected an http URL, got ${show(url)}. Write http://localhost:5778/sampling.`,
    );
  },
  fromText: (value) => httpUrl.fromCode(value),
};

/** Name or address of a machine. */
export const host: Kind<string> = {
  fromCode(value) {
    const name = text.fromCode(value).trim();
    if (URL.canParse(`http://${bracketed(name)}:80`)) return name;
    throw new Misfit(
      `expected the name or address of a machine, got ${show(name)}. Write localhost.`,
    );
  },
  fromText: (value) => host.fromCode(value),
};

/** As an address of IPv6 stands in a URL. */
export function bracketed(name: string): string {
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
}

/** `host`, `host:port` or a URL. */
export const hostPort: Kind<string> = {
  fromCode(value) {
    const address = text.fromCode(value).trim();
    if (URL.canParse(/^https?:\/\//.test(address) ? address : `http://${address}`)) return address;
    throw new Misfit(`expected a host and a port, got ${show(address)}. Write localhost:5778.`);
  },
  fromText: (value) => hostPort.fromCode(value),
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds; as text also a duration as Go has it: `30s`, `1m30s`, `500ms`. */
export function duration(min: number, max: number, advice: string): Kind<number> {
  const milliseconds = wholeNumber(min, max, advice);
  const read = (value: unknown): number => {
    if (typeof value !== 'string' || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value.trim())) {
      return milliseconds.fromCode(value);
    }
    let sum = 0;
    for (const [, count, unit] of value.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
      sum += Number(count) * unitMs[unit!]!;
    }
    return milliseconds.fromCode(Math.round(sum));
  };
  return { fromCode: read, fromText: read };
}

/** A whole number; strings of digits are taken too, because configuration files often hold those. */
export function wholeNumber(min: number, max: number, advice: string): Kind<number> {
  const read = (value: unknown): number => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (Number.isInteger(number) && Number(number) >= min && Number(number) <= max) {
      return Number(number);
    }
    throw new Misfit(
      `expected a whole number from ${min} to ${max}, got ${show(value)}. ${advice}.`,
    );
  };
  return { fromCode: read, fromText: read };
}

/** A whole URL of a collector. */
export const endpoint: Kind<string> = {
  fromCode(value) {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return value as string;
    throw new Misfit(
      `expected a URL, got ${show(value)}. Write http://localhost:14268/api/traces.`,
    );
  },
  fromText: (value) => endpoint.fromCode(value.trim()),
};

/** The parameter of a sampler: a number, or a boolean as Python's configuration has it. Its range depends on the type. */
export const samplerParam: Kind<number> = {
  fromCode(value) {
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'number' && !Number.isNaN(value)) return value;
    throw new Misfit(`expected a number, got ${show(value)}. Write 1 or 0.1 without quotes.`);
  },
  fromText(value) {
    const number = Number(value);
    if (value.trim() !== '' && !Number.isNaN(number)) return number;
    throw new Misfit(`expected a number, got ${show(value)}. Write 1 or 0.1.`);
  },
};

export function oneOf<T extends string>(what: string, words: readonly T[]): Kind<T> {
  const read = (value: unknown): T => {
    const lower = typeof value === 'string' ? value.trim().toLowerCase() : value;
    const word = words.find((candidate) => candidate === lower);
    if (word !== undefined) return word;
    const meant = typeof lower === 'string' ? nearest(lower, words) : undefined;
    const advice = meant === undefined ? `Write ${listWords(words)}` : `Did you mean "${meant}"`;
    const end = meant === undefined ? '.' : '?';
    throw new Misfit(`unknown ${what} ${show(value)}. ${advice}${end}`);
  };
  return { fromCode: read, fromText: read };
}

/** One word or several; in a variable or a string separated by commas. */
export function listOf<T extends string>(item: Kind<T>): Kind<readonly T[]> {
  const fromText = (value: string): readonly T[] =>
    value.split(',').map((word) => item.fromText(word));
  return {
    fromCode: (value) =>
      Array.isArray(value) ? value.map((word) => item.fromCode(word)) : fromText(String(value)),
    fromText,
  };
}

export const tags: Kind<Readonly<Record<string, unknown>>> = {
  fromCode(value) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    throw new Misfit(`expected an object, got ${show(value)}. Write { region: 'eu' }.`);
  },
  fromText: parseTags,
};

/**
 * `JAEGER_TAGS`: `key=value,key=${VARIABLE:default}`. Split at the first `=` and the first `:`; a variable that is not set
 * and has no default leaves its tag out.
 */
function parseTags(value: string): Record<string, unknown> {
  const entries: [string, string][] = [];
  for (const entry of value.split(',')) {
    if (entry.trim() === '') continue;
    const equals = entry.indexOf('=');
    const key = entry.slice(0, Math.max(0, equals)).trim();
    if (key === '') {
      const missing = equals < 0 ? '"="' : 'key before its "="';
      throw new Misfit(
        `the entry ${show(entry.trim())} has no ${missing}. Write key=value,key=value.`,
      );
    }
    const tagValue = expandVariable(entry.slice(equals + 1).trim());
    if (tagValue !== undefined) entries.push([key, tagValue]);
  }
  return Object.fromEntries(entries);
}

function expandVariable(value: string): string | undefined {
  const match = /^\$\{([^:}]+)(?::(.*))?\}$/.exec(value);
  if (match === null) return value;
  return process.env[match[1]!] || match[2];
}

function listWords(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(' or ');
}

/** A value as its owner would write it, on one line and not too long. */
export function show(value: unknown): string {
  const shown =
    typeof value === 'string'
      ? JSON.stringify(value)
      : process.getBuiltinModule('node:util').inspect(value, { depth: 0, compact: true });
  const line = shown.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
