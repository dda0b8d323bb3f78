import type { IncomingMessage } from 'node:http';
import type { IgnoreRule } from './server-options.js';
import { originalPath } from './server-tags.js';

/** True when one of the rules takes the request. A rule that throws takes none; the caller counts it. */
export function isIgnored(request: IncomingMessage, rules: readonly IgnoreRule[]): boolean {
  const url = originalPath(request);
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  for (const rule of rules) {
    if (typeof rule === 'string' ? rule === path : matches(rule, request, path)) return true;
  }
  return false;
}

function matches(
  rule: Exclude<IgnoreRule, string>,
  request: IncomingMessage,
  path: string,
): boolean {
  if (typeof rule === 'function') return rule(request);
  // A global or sticky expression remembers where it stopped.
  rule.lastIndex = 0;
  return rule.test(path);
}
