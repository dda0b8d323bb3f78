import { isHeaderName } from '../propagation/header-text.js';
import { nearest } from './nearest.js';

/**
 * A type of option: what values it takes from code, and how it reads them from an environment variable. Both return the
 * value, or throw {@link Misfit} with what is expected.
 */
export interface Kind<T> {
  /** What it takes, in a few words for documentation. */
  readonly takes: string;
  fromCode(value: unknown): T;
  /** @param warn for what can be left out instead of being refused */
  fromText(text: string, warn: (problem: string) => void): T;
}

/** What is wrong with a value and what to write instead; the caller adds where it stands. */
export class Misfit extends Error {}

export const text: Kind<string> = {
  takes: 'text',
  fromCode(value) {
    if (typeof value === 'string' && value.trim() !== '') return value;
    throw new Misfit(`expected a text, got ${show(value)}. Write a text that is not empty.`);
  },
  fromText: (value) => text.fromCode(value),
};

export const headerName: Kind<string> = {
  takes: 'name of a header',
  fromCode(value) {
    if (typeof value === 'string' && isHeaderName(value)) return value;
    throw new Misfit(
      `expected the name of a header, got ${show(value)}. Write letters, digits and "-".`,
    );
  },
  fromText: (value) => headerName.fromCode(value),
};

export const flag: Kind<boolean> = {
  takes: '`true`, `false`',
  fromCode(value) {
    if (typeof value === 'boolean') return value;
    throw new Misfit(`expected true or false, got ${show(value)}. Write true or false.`);
  },
  fromText(value) {
    const lower = value.trim().toLowerCase();
    // As Go reads them, in any case.
    if (['true', 't', '1'].includes(lower)) return true;
    if (['false', 'f', '0'].includes(lower)) return false;
    throw new Misfit(`expected true or false, got ${show(value)}. Write true or false.`);
  },
};

export const port: Kind<number> = wholeNumber(1, 65_535, 'Write 6831, the port of a Jaeger agent');

/** An address that starts with `http:` or `https:`. */
export const httpUrl: Kind<string> = {
  takes: 'URL',
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
  fromText: (value) => httpUrl.fromCode(value.trim()),
};

/** Name or address of a machine. */
export const host: Kind<string> = {
  takes: 'text',
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
  takes: '`host:port`',
  fromCode(value) {
    const address = text.fromCode(value).trim();
    if (URL.canParse(/^https?:\/\//.test(address) ? address : `http://${address}`)) return address;
    throw new Misfit(`expected a host and a port, got ${show(address)}. Write localhost:5778.`);
  },
  fromText: (value) => hostPort.fromCode(value),
};

/** A whole number; strings of digits are taken too, because configuration files often hold those. */
export function wholeNumber(min: number, max: number, advice: string): Kind<number> {
  const read = (value: unknown): number => {
    const isDigits = typeof value === 'string' && /^\s*\d+\s*$/.test(value);
    const number = isDigits ? Number(value) : value;
    if (Number.isInteger(number) && Number(number) >= min && Number(number) <= max) {
      return Number(number);
    }
    throw new Misfit(
      `expected a whole number from ${min} to ${max}, got ${show(value)}. ${advice}.`,
    );
  };
  return { takes: `${min} to ${max}`, fromCode: read, fromText: read };
}

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
  return { takes: 'milliseconds', fromCode: read, fromText: read };
}

/** Seconds, fractions allowed, for an option in milliseconds: Python's unit. */
export function seconds(milliseconds: Kind<number>): Kind<number> {
  const read = (value: unknown): number => {
    const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof count === 'number' && count >= 0 && count < 1e6) {
      return milliseconds.fromCode(Math.round(count * 1000));
    }
    throw new Misfit(`expected seconds, got ${show(value)}. Write 1 for one second.`);
  };
  return { takes: 'seconds', fromCode: read, fromText: read };
}

/** One half of `host:port`, as Go's client has it. */
export function halfOf(half: 'host' | 'port'): Kind<string | number> {
  const read = (value: unknown): string | number => {
    const match = typeof value === 'string' ? /^\[?(.+?)\]?:(\d+)$/.exec(value.trim()) : null;
    if (match === null) {
      throw new Misfit(`expected a host and a port, got ${show(value)}. Write localhost:6831.`);
    }
    return half === 'host' ? match[1]! : port.fromCode(match[2]);
  };
  return { takes: '`host:port`', fromCode: read, fromText: read };
}

/** A header name as Python writes it, `_` for `-`. */
export const dashedHeaderName: Kind<string> = {
  ...headerName,
  fromCode: (value) =>
    headerName.fromCode(typeof value === 'string' ? value.replaceAll('_', '-') : value),
};

/** The opposite of a flag. */
export const negated: Kind<boolean> = {
  takes: flag.takes,
  fromCode: (value) => !flag.fromCode(value),
  fromText: (value, warn) => !flag.fromText(value, warn),
};

/** A URL of a collector. */
export function collectorUrl(example: string): Kind<string> {
  const read = (value: unknown): string => {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url !== undefined && !isDecodable(url.username + url.password)) {
      throw new Misfit(
        'the credentials in the URL cannot be decoded. Write %25 for a percent sign.',
      );
    }
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return value as string;
    throw new Misfit(`expected a URL, got ${show(value)}. Write ${example}.`);
  };
  return { takes: 'URL', fromCode: read, fromText: (value) => read(value.trim()) };
}

function isDecodable(text: string): boolean {
  try {
    // A call whose result nobody uses is left out by the bundler.
    return decodeURIComponent(text) !== '' || text === '';
  } catch {
    return false;
  }
}

/** Names and values of headers. */
export const headers: Kind<Readonly<Record<string, string>>> = {
  takes: 'object of texts',
  fromCode(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Misfit(`expected an object, got ${show(value)}. Write { 'x-tenant': 'orders' }.`);
    }
    return sendableHeaders(Object.entries(value), "{ 'x-tenant': 'orders' }");
  },
  /** As OpenTelemetry has them: `key=value,key=value`, percent-encoded. */
  fromText(value) {
    const entries = value.split(',').filter((entry) => entry.trim() !== '');
    const pairs = entries.map((entry) => splitAtFirst(entry, '='));
    if (pairs.some(([name, text]) => name === '' || text === undefined || !isDecodable(text))) {
      // Without the entry, which may well be a secret.
      throw new Misfit(
        'an entry cannot be read. Write key=value,key=value, with %2C for a comma and %25 for a percent sign.',
      );
    }
    return sendableHeaders(
      pairs.map(([name, text]) => [name, decodeURIComponent(text!)]),
      'x-tenant=orders',
    );
  },
};

function sendableHeaders(entries: [string, unknown][], example: string): Record<string, string> {
  for (const [name, value] of entries) {
    try {
      const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');
      validateHeaderName(name);
      validateHeaderValue(name, value as string);
    } catch {
      // Without the value, which may well be a secret.
      throw new Misfit(`${show(name)} or its value cannot be sent. Write ${example}.`);
    }
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** The parameter of a sampler: a number, or a boolean as Python's configuration has it. Its range depends on the type. */
export const samplerParam: Kind<number> = {
  takes: 'number',
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
  const takes = words.map((word) => `\`${word}\``).join(', ');
  return { takes, fromCode: read, fromText: read };
}

/** One word or several; in a variable or a string separated by commas. */
export function listOf<T extends string>(item: Kind<T>): Kind<readonly T[]> {
  const read = (value: unknown): readonly T[] => {
    const words = Array.isArray(value) ? value : String(value).split(',');
    return words.map((word) => item.fromCode(word));
  };
  return { takes: `list of ${item.takes}`, fromCode: read, fromText: read };
}

export const tags: Kind<Readonly<Record<string, unknown>>> = {
  takes: 'object',
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
 * and has no default leaves its tag out, as does an entry that cannot be read.
 */
function parseTags(value: string, warn: (problem: string) => void): Record<string, unknown> {
  const entries: [string, string][] = [];
  for (const entry of value.split(',')) {
    if (entry.trim() === '') continue;
    const [key, text] = splitAtFirst(entry, '=');
    if (key === '' || text === undefined) {
      const missing = text === undefined ? '"="' : 'key';
      warn(
        `the entry ${show(entry.trim())} has no ${missing} and is left out. Write key=value,key=value.`,
      );
      continue;
    }
    const tagValue = expandVariable(text);
    if (tagValue !== undefined) entries.push([key, tagValue]);
  }
  return Object.fromEntries(entries);
}

/** The parts before and after, trimmed; the second is `undefined` where there is no separator. */
export function splitAtFirst(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  if (index < 0) return [text.trim(), undefined];
  return [text.slice(0, index).trim(), text.slice(index + 1).trim()];
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
