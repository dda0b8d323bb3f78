import { hostname, networkInterfaces } from 'node:os';
import packageJson from '../package.json' with { type: 'json' };
import { CLIENT_UUID_TAG, CLIENT_VERSION_TAG, HOSTNAME_TAG, IP_TAG } from './constants.js';
import { randomBytes } from './random-bytes.js';
import type { SpanLimits } from './span-limits.js';
import { type TagList, type Tags, toTagValue } from './tags.js';

/** Who reports the spans: sent once per batch. */
export interface Process {
  readonly serviceName: string;
  readonly tags: Readonly<TagList>;
}

/**
 * The user's tags, then `jaeger.version`, `hostname`, `ip` and `client-uuid`. A user's `hostname` and
 * `ip` win; the other two are ours. Order and precedence are those of `jaeger-client` for Node.
 */
export function createProcess(serviceName: string, userTags: Tags, limits: SpanLimits): Process {
  const tags: TagList = [];
  for (const [key, value] of Object.entries(userTags)) {
    if (key === CLIENT_VERSION_TAG || key === CLIENT_UUID_TAG) continue;
    tags.push(key, limits.cut(key, toTagValue(value), value));
  }
  tags.push(CLIENT_VERSION_TAG, `Spoor-Node-${packageJson.version}`);
  if (!(HOSTNAME_TAG in userTags)) tags.push(HOSTNAME_TAG, hostname());
  if (!(IP_TAG in userTags)) tags.push(IP_TAG, firstExternalIpv4());
  tags.push(CLIENT_UUID_TAG, randomUuid());
  return { serviceName, tags };
}

function firstExternalIpv4(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const address of addresses ?? []) {
      if (address.family === 'IPv4' && !address.internal) return address.address;
    }
  }
  return '0.0.0.0';
}

/** Version 4: random but for the bits that say so. @see RFC 9562, 5.4 */
function randomUuid(): string {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes.buffer).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
