/** What is used of pg's clients, the native one too. */
export interface PgClient {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly user?: unknown;
  readonly database?: unknown;
  query(...args: unknown[]): unknown;
  connect(...args: unknown[]): unknown;
}

/** What is used of pg-pool. */
export interface PgPool {
  readonly options?: Pick<PgClient, 'host' | 'port' | 'user' | 'database'>;
  readonly idleCount: number;
  readonly waitingCount: number;
  query(...args: unknown[]): unknown;
  connect(...args: unknown[]): unknown;
  /** Gets back a client that was handed out. */
  _release?(client: object, ...rest: unknown[]): unknown;
}

/** `Query`, `Cursor`, `QueryStream` and copy streams: pg calls them back as the answer comes in. */
export interface Submittable {
  submit: unknown;
  readonly text?: unknown;
  readonly name?: unknown;
  readonly values?: unknown;
  /** Of a stream. */
  readonly cursor?: { readonly text?: unknown; readonly values?: unknown };
  readonly rowCount?: unknown;
  readonly _result?: unknown;
  readonly _results?: unknown;
  callback?: unknown;
  listenerCount?(event: string): number;
}

// biome-ignore lint/suspicious/noExplicitAny: any function of pg's or of the user's, which is passed through
export type AnyFunction = (this: any, ...args: any[]) => any;

export function isSubmittable(query: unknown): query is Submittable {
  return typeof (query as Partial<Submittable> | null | undefined)?.submit === 'function';
}
