import { isHeaderName } from '../propagation/header-text.js';
import { nearest } from './nearest.js';

/**
 * A type of option: what values it takes from code, and how it reads them from an environment variable. Both return the
 * value, or throw {@link Misfit} with what is expected.
 */
export interface Kind<T> {
  fromCode(value: unknown): T;
  /** @param variable its name, for kinds that read some variables otherwise than others */
  fromText(text: string, variable?: string): T;
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

export const headerName: Kind<string> = {
  fromCode(value) {
    if (typeof value === 'string' && isHeaderName(value)) return value;
    throw new Misfit(
      `expected the name of a header, got ${show(value)}. Write letters, digits and "-".`,
    );
  },
  fromText: (value) => headerName.fromCode(value),
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
    if (equals <= 0) {
      throw new Misfit(`the entry ${show(entry.trim())} has no "=". Write key=value,key=value.`);
    }
    const tagValue = expandVariable(entry.slice(equals + 1).trim());
    if (tagValue !== undefined) entries.push([entry.slice(0, equals).trim(), tagValue]);
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
