import type { Agent, IncomingHttpHeaders, RequestOptions } from 'node:http';
import type { Batch } from '../encoding/encoder.js';
import { FaultLog, messageOf } from '../logger.js';
import { withoutTracing } from '../untraced.js';
import { sendInThread } from './exit-thread.js';
import { type HttpBackend, jaegerBackend } from './http-backend.js';
import { lowered, type PartlyAccepted, type SendOutcome, type Transport } from './transport.js';

const defaultTimeoutMs = 5000;
export const DEFAULT_MAX_BATCH_BYTES: number = 256 * 1024;

/** Who asks to be left alone for longer is asked again all the same. */
const longestRetryAfterMs = 600_000;
/** Of an answer; more is not read. */
const maxAnswerBytes = 64 * 1024;

const postProgram = `
const { url, headers, body } = data;
const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
const post = request(url, { method: 'POST', headers }, (response) => {
  response.resume().once('end', () => end(response.statusCode < 300)).once('error', () => end(false));
});
post.once('error', () => end(false)).end(body);
`;

/** Options of {@link HttpTransport}. */
export interface HttpTransportOptions {
  /** Where batches are posted, `https:` or `http:`; a query stays. */
  url: string | URL;
  /** @default 'application/x-thrift' */
  contentType?: string | undefined;
  /** What the backend takes, and what its answers mean. @default a Jaeger collector */
  backend?: HttpBackend | undefined;
  /** Further headers of each request. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** For basic authentication, together with `password`. */
  username?: string | undefined;
  /** With `username`. */
  password?: string | undefined;
  /** For `Authorization: Bearer`. */
  token?: string | undefined;
  /** How long one request may take in all, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
  /** The largest body, in bytes; halved where the backend refuses that. @default 262144 */
  maxBatchBytes?: number | undefined;
  /** Where faults are logged. @default nowhere */
  faults?: FaultLog | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/**
 * Posts each batch as the body of one request, on a connection that is kept. A status from 200 to 299 is `accepted`; what
 * cannot be reached, is too busy or takes too long is `retry`, not before `Retry-After`; 413 is `too-large`; what the backend
 * refuses otherwise is `lost`, and said once a minute.
 *
 * An idle connection does not keep the process alive; a request on its way does, until its time is up.
 */
export class HttpTransport implements Transport {
  #maxBatchBytes: number;
  #retryAfterMs: number | undefined = undefined;
  readonly #backend: HttpBackend;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #faults: FaultLog;
  #agent: Agent | undefined = undefined;
  /** The batch that was answered with 500 last, and how often. */
  #refused: { readonly batch: Batch; times: number } | undefined = undefined;
  /** The batch that a request waits to write. */
  #unsent: Batch | undefined = undefined;
  #mayStillSend = true;

  constructor(options: HttpTransportOptions) {
    const { backend = jaegerBackend } = options;
    this.#backend = backend;
    this.#url = new URL(options.url);
    this.#headers = {
      'content-type': options.contentType ?? backend.contentType,
      ...authorization(this.#url, options),
      ...options.headers,
    };
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.#maxBatchBytes = options.maxBatchBytes ?? DEFAULT_MAX_BATCH_BYTES;
    this.#faults = options.faults ?? new FaultLog({ info() {}, error() {} });
  }

  get maxBatchBytes(): number {
    return this.#maxBatchBytes;
  }

  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }

  async send(batch: Batch): Promise<SendOutcome> {
    const backend = this.#backend;
    this.#retryAfterMs = undefined;
    let answer: Answer;
    try {
      this.#unsent = batch;
      answer = await withoutTracing(() => this.#post(batch.bytes));
    } catch (error) {
      this.#faults.report(
        'collector',
        `the collector at ${this.#address()} cannot be reached (${messageOf(error)}); spans are kept as long as there is room. Set ${backend.whereToSay} if it is elsewhere.`,
      );
      return 'retry';
    } finally {
      this.#unsent = undefined;
    }
    const { status, headers, body } = answer;
    if (status >= 200 && status < 300) return this.#accepted(batch, body);
    if (status === 413) {
      this.#maxBatchBytes = lowered(this.#maxBatchBytes, batch);
      return 'too-large';
    }
    if (backend.passingStatuses.has(status) || (status === 500 && this.#mayRetry(batch))) {
      this.#retryAfterMs = readRetryAfter(headers['retry-after']);
      this.#faults.report(
        'collector-busy',
        `the collector at ${this.#address()} answered with ${status}; spans are sent again later.`,
      );
      return 'retry';
    }
    this.#faults.report(
      'collector-refused',
      `the collector at ${this.#address()} answered with ${status}; ${batch.spanCount} spans are lost. ${redirection(answer) ?? backend.adviceFor(status, body)}`,
    );
    return 'lost';
  }

  #accepted({ spanCount }: Batch, body: Uint8Array): 'accepted' | PartlyAccepted {
    const rejected = this.#backend.readRejected?.(body);
    if (rejected === undefined) return 'accepted';
    const { reason } = rejected;
    const spans = Math.min(rejected.spans, spanCount);
    const said = reason === '' ? 'does not say why' : `says ${JSON.stringify(reason)}`;
    this.#faults.report(
      'collector-rejected',
      `the collector at ${this.#address()} took ${spanCount - spans} of ${spanCount} spans, and ${said}.`,
    );
    return spans === 0 ? 'accepted' : { rejectedSpans: spans };
  }

  sendNow({ bytes }: Batch): void {
    if (!this.#mayStillSend) return;
    const headers = this.#headersOf(bytes);
    this.#mayStillSend = sendInThread(postProgram, { url: this.#url.href, headers, body: bytes });
  }

  resendNow(): void {
    if (this.#unsent !== undefined) this.sendNow(this.#unsent);
  }

  async close(): Promise<void> {
    this.#agent?.destroy();
  }

  toString(): string {
    return `HttpTransport(${this.#address()})`;
  }

  #post(body: Uint8Array): Promise<Answer> {
    const isSecure = this.#url.protocol === 'https:';
    // Loaded here: after the application's own start.
    const { Agent, request } = process.getBuiltinModule(isSecure ? 'node:https' : 'node:http');
    this.#agent ??= new Agent({ keepAlive: true, maxSockets: 1 });
    const options: RequestOptions = {
      method: 'POST',
      agent: this.#agent,
      headers: this.#headersOf(body),
      signal: AbortSignal.timeout(this.#timeoutMs),
    };
    return new Promise((resolve, reject) => {
      const post = request(this.#url, options, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        // To its end, so that the connection can be used again.
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= maxAnswerBytes) chunks.push(chunk);
        });
        response.once('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks) });
        });
        response.once('error', reject);
      });
      post.once('error', reject);
      post.once('finish', () => {
        this.#unsent = undefined;
      });
      post.end(body);
    });
  }

  #headersOf(body: Uint8Array): Record<string, string | number> {
    return { ...this.#headers, 'content-length': body.length };
  }

  #mayRetry(batch: Batch): boolean {
    if (this.#refused?.batch !== batch) this.#refused = { batch, times: 0 };
    this.#refused.times++;
    return this.#refused.times <= this.#backend.maxRetriesOf500;
  }

  /** Without credentials, which may stand in the query too. */
  #address(): string {
    return this.#url.origin + this.#url.pathname;
  }
}

/** User and password go before a token, as in Jaeger's client for Java. Credentials in the URL count; those beside it win. */
function authorization(url: URL, options: HttpTransportOptions): Record<string, string> {
  const username = options.username ?? decodeURIComponent(url.username);
  const password = options.password ?? decodeURIComponent(url.password);
  if (username !== '' && password !== '') {
    const pair = Buffer.from(`${username}:${password}`).toString('base64');
    return { authorization: `Basic ${pair}` };
  }
  return options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
}

function redirection({ status, headers }: Answer): string | undefined {
  const isElsewhere = status >= 300 && status < 400 && headers.location !== undefined;
  return isElsewhere ? `It redirects: write ${headers.location} instead.` : undefined;
}

/** Seconds, or a date. @see RFC 9110, 10.2.3 */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? Math.min(ms, longestRetryAfterMs) : undefined;
}
