import type { Process, TagValue } from '@spoor/core';
import { type ByteWriter, TagCache } from '@spoor/core/internal';
import packageJson from '../package.json' with { type: 'json' };
import { attributeFormat, writeAttribute } from './attributes.js';
import { endMessage, messageField } from './protobuf.js';

/** Process tags that OpenTelemetry has another name for. @see OpenTelemetry semantic conventions, "Resource" */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['hostname', 'host.name'],
  ['jaeger.version', 'telemetry.sdk.version'],
]);

/** Field `resource` of ResourceSpans. */
export function writeResource(writer: ByteWriter, process: Process): void {
  writer.byte(messageField(1));
  const start = writer.length;
  writer.length += 2;
  const cache = new TagCache(attributeFormat);
  for (const [key, value] of attributesOf(process)) {
    writeAttribute(writer, messageField(1), key, value, cache);
  }
  endMessage(writer, start, 2);
}

/** Field `scope` of ScopeSpans. */
export function writeScope(writer: ByteWriter): void {
  writer.byte(messageField(1));
  const start = writer.length++;
  writer.byte(messageField(1));
  writer.string('@spoor/core');
  writer.byte(messageField(2));
  writer.string(packageJson.version);
  endMessage(writer, start, 1);
}

/** What the user calls by the names of OpenTelemetry wins over our own. */
function attributesOf({ serviceName, tags }: Process): Map<string, TagValue> {
  const attributes = new Map<string, TagValue>([
    ['telemetry.sdk.name', 'spoor'],
    ['telemetry.sdk.language', 'nodejs'],
  ]);
  const given = new Map<string, TagValue>();
  for (let i = 0; i < tags.length; i += 2) given.set(String(tags[i]), tags[i + 1]!);
  for (const [key, value] of given) {
    const name = otherNames.get(key) ?? key;
    if (name === key) attributes.set(key, value);
    else if (!given.has(name)) attributes.set(name, withoutClient(value));
  }
  return attributes.set('service.name', serviceName);
}

/** `Spoor-Node-1.2.3`, as Jaeger's clients write their version. */
function withoutClient(value: TagValue): TagValue {
  return typeof value === 'string' ? value.replace(/^Spoor-Node-/, '') : value;
}
