import type { IncomingMessage, ServerResponse } from 'node:http';

/** What Express keeps of `app.get(path, …)`: strings, regular expressions, lists of both. */
export interface Route {
  readonly path: unknown;
}

/** One entry of a router: middleware, a mounted router, or a route. */
export interface Layer {
  readonly route?: Route | undefined;
  readonly handle: unknown;
  /** The path as it was registered; from `router` 2.3 on. */
  readonly rawPath?: unknown;
  /** What Express 4 keeps instead. */
  readonly regexp?: RegExp | undefined;
  readonly keys?: readonly { name: string | number }[] | undefined;
}

/** An application or a router of Express 4 or 5, as far as it is looked at here. */
export interface Routing {
  readonly stack?: Layer[] | undefined;
  readonly router?: Routing | undefined;
  readonly _router?: Routing | undefined;
  readonly lazyrouter?: unknown;
  readonly parent?: Routing | undefined;
  readonly mountpath?: unknown;
  /** What the requests of an application inherit from. */
  readonly request?: IncomingMessage | undefined;
  use?(handler: unknown): unknown;
}

/** What an Express request has beside that of `node:http`. */
export interface ExpressRequest extends IncomingMessage {
  readonly app?: Routing | undefined;
  readonly route?: Route | undefined;
  readonly res?: ServerResponse | undefined;
  readonly baseUrl?: string | undefined;
  /** Those of the last layer that matched. */
  readonly params?: object | undefined;
  /** Undefined again once the application's router is done with the request. */
  readonly next?: unknown;
}
