import { fullUrl, type HttpTarget, hostOf } from './target.js';

/**
 * Which requests are meant: a host (`api.example.com`, `localhost:3000`), the beginning of a URL (`https://example.com/a/`), a
 * pattern that the URL matches, or a decision of your own.
 */
export type UrlRule = string | RegExp | ((url: string) => boolean);

/** True when one of the rules means the target. What a rule of the user throws, this throws. */
export function matchesUrl(rules: readonly UrlRule[], target: HttpTarget): boolean {
  if (rules.length === 0) return false;
  const url = fullUrl(target);
  return rules.some((rule) => {
    if (typeof rule === 'function') return rule(url);
    if (typeof rule === 'string') return isMeant(rule.toLowerCase(), target, url);
    // A global or sticky expression remembers where it stopped.
    rule.lastIndex = 0;
    return rule.test(url);
  });
}

function isMeant(rule: string, target: HttpTarget, url: string): boolean {
  if (rule.includes('://')) return url.toLowerCase().startsWith(rule);
  return (
    rule === target.hostname.toLowerCase() ||
    rule === hostOf(target).toLowerCase() ||
    (!target.path.startsWith('/') && isHostBehindProxy(rule, url.toLowerCase()))
  );
}

/** A proxy gets the whole URL, or the host and port for CONNECT. */
function isHostBehindProxy(rule: string, url: string): boolean {
  const host = /^(?:https?:\/\/)?([^/?#]*)/.exec(url)![1]!;
  const hostname = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return rule === host || rule === hostname;
}
