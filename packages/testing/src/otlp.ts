import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { listen } from './listen.js';

/** What an attribute can hold here. An integer outside JavaScript's safe ones is a `bigint`. */
export type OtlpValue = string | number | bigint | boolean | Uint8Array;

/** One attribute as it was sent. */
export interface OtlpAttribute {
  key: string;
  type: 'stringValue' | 'boolValue' | 'intValue' | 'doubleValue' | 'bytesValue';
  value: OtlpValue;
}

/** One event of a span. */
export interface OtlpEvent {
  timeUs: number;
  name: string;
  attributes: OtlpAttribute[];
}

/** One link of a span to another. */
export interface OtlpLink {
  traceId: string;
  spanId: string;
  flags: number;
  attributes: OtlpAttribute[];
}

/** A span as an OTLP backend would see it. Ids are hex as long as they are; the parent's is empty where there is none. */
export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  flags: number;
  name: string;
  kind: number;
  startNs: bigint;
  endNs: bigint;
  attributes: OtlpAttribute[];
  droppedAttributesCount: number;
  events: OtlpEvent[];
  droppedEventsCount: number;
  links: OtlpLink[];
  status: { code: number; message: string } | undefined;
}

/** One request. */
export interface OtlpBatch {
  resource: Record<string, OtlpValue>;
  scope: { name: string; version: string };
  spans: OtlpSpan[];
}

/** What the code knows that OpenTelemetry generates from its protocol. */
interface Message {
  decode(bytes: Uint8Array): unknown;
  encode(message: unknown): { finish(): Uint8Array };
  fromObject(object: object): unknown;
  toObject(message: unknown, options: object): object;
}

const require = createRequire(import.meta.url);

/** Loaded by those that need it: it takes long. Newer versions of the package have no decoder. */
function message(name: 'Request' | 'Response'): Message {
  const main = require.resolve('@opentelemetry/otlp-transformer');
  const root = require(path.join(path.dirname(main), 'generated/root.js'));
  return root.opentelemetry.proto.collector.trace.v1[`ExportTraceService${name}`];
}

interface RawAttribute {
  key: string;
  value: Record<string, string | number | boolean | Uint8Array>;
}

type RawSpan = Omit<OtlpSpan, 'attributes' | 'events' | 'links' | 'startNs' | 'endNs'> & {
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: RawAttribute[];
  events: { timeUnixNano: string; name: string; attributes: RawAttribute[] }[];
  links: (Omit<OtlpLink, 'attributes'> & { attributes: RawAttribute[] })[];
};

interface RawRequest {
  resourceSpans: {
    resource: { attributes: RawAttribute[] };
    scopeSpans: { scope: OtlpBatch['scope']; spans: RawSpan[] }[];
  }[];
}

/**
 * Decodes the body of `POST /v1/traces` in protobuf, which has one resource and one scope. Stricter than backends: a field
 * that the protocol does not have and a number that takes more bytes than it needs are errors too.
 *
 * @throws Error that says what is wrong with the body
 */
export function decodeOtlp(body: Uint8Array): OtlpBatch {
  const request = message('Request');
  const decoded = request.decode(body);
  const encoded = request.encode(decoded).finish();
  if (encoded.length !== body.length) {
    throw new Error(`of ${body.length} bytes only ${encoded.length} are known to the protocol.`);
  }
  const options = { longs: String, defaults: true, oneofs: true };
  const { resourceSpans } = request.toObject(decoded, options) as RawRequest;
  const [{ resource, scopeSpans } = missing('resource'), ...otherResources] = resourceSpans;
  const [{ scope, spans } = missing('scope'), ...otherScopes] = scopeSpans;
  if (otherResources.length + otherScopes.length > 0) throw new Error('it has several scopes.');
  return {
    resource: Object.fromEntries(resource.attributes.map(toAttribute).map((a) => [a.key, a.value])),
    scope: { name: scope.name, version: scope.version },
    spans: spans.map(toSpan),
  };
}

function missing(what: string): never {
  throw new Error(`it has no ${what}.`);
}

function toSpan(raw: RawSpan): OtlpSpan {
  const { status } = raw;
  return {
    traceId: hex(raw.traceId),
    spanId: hex(raw.spanId),
    parentSpanId: hex(raw.parentSpanId),
    traceState: raw.traceState,
    flags: raw.flags,
    name: raw.name,
    kind: raw.kind,
    startNs: BigInt(raw.startTimeUnixNano),
    endNs: BigInt(raw.endTimeUnixNano),
    attributes: raw.attributes.map(toAttribute),
    droppedAttributesCount: raw.droppedAttributesCount,
    events: raw.events.map(({ timeUnixNano, name, attributes }) => ({
      timeUs: Number(BigInt(timeUnixNano) / 1000n),
      name,
      attributes: attributes.map(toAttribute),
    })),
    droppedEventsCount: raw.droppedEventsCount,
    links: raw.links.map(({ traceId, spanId, flags, attributes }) => ({
      traceId: hex(traceId),
      spanId: hex(spanId),
      flags,
      attributes: attributes.map(toAttribute),
    })),
    status: status ? { code: status.code, message: status.message } : undefined,
  };
}

function toAttribute({ key, value: raw }: RawAttribute): OtlpAttribute {
  const type = raw.value as OtlpAttribute['type'];
  const value = raw[type];
  if (type === 'intValue') return { key, type, value: toInteger(String(value)) };
  // A plain copy: a Buffer is never deepEqual to a Uint8Array.
  if (value instanceof Uint8Array) return { key, type, value: Uint8Array.from(value) };
  if (value === undefined) throw new Error(`the attribute ${JSON.stringify(key)} has no value.`);
  return { key, type, value };
}

function toInteger(digits: string): number | bigint {
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

function hex(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('hex');
}

/** How a test wants a request to be answered. */
export interface OtlpAnswer {
  /** @default 200 */
  status?: number | undefined;
  headers?: Record<string, string> | undefined;
  /** What the answer says was not taken. */
  partialSuccess?: { rejectedSpans: number; errorMessage: string } | undefined;
  body?: Uint8Array | undefined;
}

/** A request that was posted. */
export interface OtlpPost {
  path: string;
  headers: IncomingHttpHeaders;
  batch: OtlpBatch;
  atMs: number;
}

/** A backend for OTLP over HTTP; {@link startOtlpCollector} makes one. */
export interface OtlpCollector {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly posts: readonly OtlpPost[];
  /** Resolves with the posts so far, as soon as there are so many. */
  received(count: number): Promise<readonly OtlpPost[]>;
}

/** Starts a backend on a free port that answers as it is told, one request after the other, and then with 200. */
export async function startOtlpCollector(
  t: { after(fn: () => unknown): void },
  ...answers: OtlpAnswer[]
): Promise<OtlpCollector> {
  const posts: OtlpPost[] = [];
  const waiters = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { url = '', headers } = request;
    posts.push({ path: url, headers, batch: decodeOtlp(body), atMs: performance.now() });
    const { status = 200, headers: own, partialSuccess, body: given } = answers.shift() ?? {};
    response.writeHead(status, { 'content-type': 'application/x-protobuf', ...own });
    const { encode, fromObject } = message('Response');
    response.end(given ?? encode(fromObject({ partialSuccess })).finish());
    for (const wake of waiters) wake();
  });
  const url = await listen(t, server);
  return {
    url,
    posts,
    received(count) {
      return new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          clearTimeout(timer);
          waiters.delete(wake);
          settle();
        };
        const wake = (): void => {
          if (posts.length >= count) end(() => resolve(posts));
        };
        const timer = setTimeout(() => {
          end(() => reject(new Error(`waited for ${count} posts, ${posts.length} came.`)));
        }, 5000);
        waiters.add(wake);
        wake();
      });
    },
  };
}
