import { hexWord, isHexField } from './hex.js';

/** What `tracestate` says: to others, and to us. */
export interface TraceState {
  /** The members of others, as they came. */
  readonly others: string | undefined;
  /** Those that another Spoor has written into our member; 0 where there is none. */
  readonly flags: number;
}

/** @see W3C Trace Context 3.3.1.1 */
const maxMembers = 32;

/** What everybody has to pass on. @see W3C Trace Context 3.3.1.5 */
const maxChars = 512;

/** A header is never longer than that in Node, unless it is told so. */
const maxHeaderChars = 16_384;

/** Goes before others where something has to go. @see W3C Trace Context 3.3.1.5 */
const longMemberChars = 128;

/** Our member: the flags as in `uber-trace-id`. */
const ownKey = 'spoor=';

/** @see W3C Trace Context Level 2, 3.3.2.2.1; every key of Level 1 is one */
const key = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
const value = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Undefined where it is malformed or has too many members: others must not read from it what was never meant. */
export function parseTraceState(text: string): TraceState | undefined {
  if (text.length > maxHeaderChars) return undefined;
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  if (members.length > maxMembers || !members.every(isMember)) return undefined;
  const own = members.find((member) => member.startsWith(ownKey));
  const others = fit(members.filter((member) => !member.startsWith(ownKey)));
  return {
    others: others.length === 0 ? undefined : others.join(','),
    flags: own === undefined ? 0 : parseFlags(own),
  };
}

/** The members of others, behind ours. */
export function prependFlags(others: string | undefined, flags: number): string {
  const own = `${ownKey}${flags.toString(16)}`;
  return others === undefined ? own : fit([own, ...others.split(',')]).join(',');
}

function isMember(member: string): boolean {
  const equals = member.indexOf('=');
  if (equals === -1) return false;
  return key.test(member.slice(0, equals)) && value.test(member.slice(equals + 1));
}

function parseFlags(member: string): number {
  const isFlags = isHexField(member, ownKey.length, member.length, 2);
  return isFlags ? hexWord(member, ownKey.length, member.length, 0) : 0;
}

/** Whole members, as many as the limits allow: the long ones go first, then those at the end. */
function fit(members: readonly string[]): string[] {
  const kept = members.slice(0, maxMembers);
  let chars = kept.join(',').length;
  const dropLast = (isCandidate: (member: string) => boolean): void => {
    for (let i = kept.length - 1; i >= 0 && chars > maxChars; i--) {
      if (!isCandidate(kept[i]!)) continue;
      chars -= kept[i]!.length + 1;
      kept.splice(i, 1);
    }
  };
  dropLast((member) => member.length > longMemberChars);
  dropLast(() => true);
  return kept;
}
