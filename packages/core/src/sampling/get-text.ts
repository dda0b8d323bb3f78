import type { ClientRequest } from 'node:http';
import { SpoorError } from '../errors.js';
import { withoutTracing } from '../untraced.js';

/** What an answer may hold, in bytes: the strategies of some seven thousand operations. */
const maxResponseBytes = 1024 * 1024;

export interface GetOptions {
  /** For the whole of it, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves with the body of the answer to a GET. Is never traced, and keeps neither a connection nor the process alive.
 *
 * @throws Error when the server is not reached, or its answer is not 2xx, too large or too late
 */
export function getText(url: URL, { timeoutMs, signal }: GetOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      reject(new Error(reason));
      request.destroy();
    };
    // The agents of the process are the application's.
    const request = withoutTracing(() => requestTo(url, signal));
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`), timeoutMs);
    timer.unref();
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    request.on('socket', (socket) => {
      socket.unref();
      // Of several addresses each is tried with another handle.
      socket.once('connect', () => socket.unref());
    });
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) return fail(`the answer is ${statusCode}`);
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxResponseBytes) fail(`the answer is larger than ${maxResponseBytes} bytes`);
        else chunks.push(chunk);
      });
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.on('error', reject);
    });
    request.end();
  });
}

function requestTo(url: URL, signal: AbortSignal): ClientRequest {
  const { request } =
    url.protocol === 'https:'
      ? process.getBuiltinModule('node:https')
      : process.getBuiltinModule('node:http');
  return request(url, { agent: false, signal, headers: { accept: 'application/json' } });
}

/**
 * A copy, or one of `defaultUrl`, to which parameters can be added.
 *
 * @throws SpoorError `SPOOR_CONFIG` when `url` is no `http:` or `https:` URL
 */
export function httpUrl(owner: string, url: string | URL | undefined, defaultUrl: string): URL {
  const given = url ?? defaultUrl;
  if (URL.canParse(String(given))) {
    const parsed = new URL(given);
    if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed;
  }
  throw new SpoorError(
    'SPOOR_CONFIG',
    `${owner}: expected an http URL, got ${JSON.stringify(String(given))}. Write ${defaultUrl}.`,
  );
}
