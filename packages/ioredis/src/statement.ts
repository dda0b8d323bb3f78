import type { CommandArgument, RedisCommand } from './library.js';

const maxBytes = 256;

/** Their arguments are credentials, or may be. */
const secretive = new Set(['acl', 'auth', 'config', 'hello', 'migrate']);

/** Of scripts the number of keys may be said, and the hash by which a script is known. */
const scripts = new Set(['eval', 'eval_ro', 'evalsha', 'evalsha_ro', 'fcall', 'fcall_ro']);

/**
 * The command and the names of its keys, every other argument as `?`: `HSET user:7 ? ?`. Nothing but the command where it may
 * be about credentials, or is unknown. At most 256 bytes.
 */
export function statementOf(command: RedisCommand, lower: string, isKnown: boolean): string {
  const name = cut(lower.toUpperCase());
  if (!isKnown || secretive.has(lower)) return name;
  const { args } = command;
  const keys = keysOf(command);
  const isScript = scripts.has(lower);
  let text = name;
  let nextKey = 0;
  // Longer than the limit in characters is longer in bytes; an MSET of thousands is not looked at to its end.
  for (let i = 0; i < args.length && text.length <= maxBytes; i++) {
    const arg = args[i]!;
    if (isScript && i < 2) text += i === 0 ? ` ${scriptName(lower, arg)}` : ` ${Number(arg)}`;
    else if (nextKey < keys.length && arg === keys[nextKey]) {
      text += ` ${textOf(arg)}`;
      nextKey++;
    } else text += ' ?';
  }
  return cut(text);
}

/** Cuts at 256 bytes, between characters. */
export function cut(text: string): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes - 3));
  return `${text.slice(0, read)}…`;
}

/** Asking for keys throws where an argument that should count them does not. */
function keysOf(command: RedisCommand): readonly CommandArgument[] {
  try {
    return command.getKeys();
  } catch {
    return [];
  }
}

function scriptName(lower: string, arg: CommandArgument): string {
  return /^evalsha/.test(lower) && /^[0-9a-f]{40}$/i.test(String(arg)) ? String(arg) : '?';
}

function textOf(arg: CommandArgument): string {
  return Buffer.isBuffer(arg) ? arg.toString('utf8', 0, maxBytes) : String(arg).slice(0, maxBytes);
}
