import type { IncomingMessage, ServerResponse } from 'node:http';

/** What of a Koa context is looked at here. */
export interface KoaContext {
  readonly app: { readonly context: object };
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The template of the route that took the request: a string or a regular expression. Set by the routers. */
  readonly _matchedRoute?: unknown;
  /** Set by `koa-route`. */
  readonly routePath?: unknown;
  /** Set by `koa-mount`: where the innermost of the applications is mounted. */
  readonly mountPath?: string | undefined;
}
