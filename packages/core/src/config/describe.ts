import { toTagValue } from '../tags.js';
import type { DescribedSetting } from '../tracer-description.js';
import { options } from './options.js';
import type { Resolved } from './resolve.js';

const mask = '***';

/** Every setting by its path; tags one by one. Fit for logs and JSON: what is secret is masked. */
export function describeSettings(resolved: Resolved): Record<string, DescribedSetting> {
  const described: Record<string, DescribedSetting> = {};
  for (const [name, { path, isSecret }] of Object.entries(options)) {
    if (path === 'tags') continue;
    const value = resolved.settings[name as keyof typeof options];
    described[path] = {
      value: isSecret ? masked(value) : withoutCredentials(value ?? null),
      from: resolved.origin(path),
    };
  }
  for (const [key, value] of Object.entries(resolved.settings.tags)) {
    described[`tags.${key}`] = { value: toTagValue(value), from: resolved.tagOrigin(key) };
  }
  return described;
}

/** Of headers the names are no secret. */
function masked(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return mask;
  return Object.fromEntries(Object.keys(value).map((name) => [name, mask]));
}

/** A URL may carry some in front of the host and in the query. */
function withoutCredentials(value: unknown): unknown {
  if (typeof value !== 'string' || !URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.username === '' && url.password === '' && url.search === '') return value;
  const credentials = url.username === '' && url.password === '' ? '' : `${mask}@`;
  const names = [...url.searchParams.keys()].map((name) => `${name}=${mask}`);
  const query = names.length === 0 ? '' : `?${names.join('&')}`;
  return `${url.protocol}//${credentials}${url.host}${url.pathname}${query}`;
}
