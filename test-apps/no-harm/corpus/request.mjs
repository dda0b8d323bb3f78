/**
 * How a case is written. Its steps are what the client does, in this order: bytes to send, or one of the steps below.
 * Everything that comes back until the connection is closed is compared.
 *
 * @typedef {object} Case
 * @property {string} title
 * @property {(string | Buffer | object)[]} steps
 * @property {number | number[] | Record<string, number | number[]>} [status] that of the first answer, 0 for none;
 *   where frameworks differ, by name or family (`Koa 3` before `Koa` before `default`); a list where Node's versions do
 * @property {'plain' | 'listening'} [server] the second has all listeners that a server can have
 * @property {boolean | string} [asksAgain] whether a request on a new connection has to be answered too, or for what
 * @property {string[]} [only] the frameworks or families that have what is asked for
 */

/** Waits until this text has come. */
export const waitFor = (text) => ({ waitFor: text });
export const pause = { pauseMs: 3 };
/** Sends the end, and goes on reading. */
export const halfClose = { halfClose: true };
/** Goes away without reading on. */
export const abort = { abort: true };

/** A request as bytes. Its answer is the last on the connection, unless it says otherwise. */
export function bytesOf(
  method,
  target,
  { headers = [], body, version = '1.1', isLast = true } = {},
) {
  const lines = [`${method} ${target} HTTP/${version}`, 'Host: example.test', ...headers];
  if (isLast) lines.push('Connection: close');
  if (body !== undefined && !hasLength(headers)) {
    lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body ?? '')]);
}

/** Several answers on one connection: all but the last leave it open. */
export const kept = (method, target, options) =>
  bytesOf(method, target, { ...options, isLast: false });

/** A case of one request that is sent at once. */
export function one(title, method, target, { headers, body, version, ...rest } = {}) {
  return { title, steps: [bytesOf(method, target, { headers, body, version })], ...rest };
}

/** A case of one request without a body, named by what it asks for. */
export const get = (target, options) => one(`GET ${target}`, 'GET', target, options);

/** A body in chunks, as it is sent without knowing its length. */
export function chunked(...parts) {
  const chunks = parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
  return `${chunks.join('')}0\r\n\r\n`;
}

function hasLength(headers) {
  return headers.some((line) => /^(content-length|transfer-encoding):/i.test(line));
}
