import type { ClientRequest, IncomingMessage } from 'node:http';
import { type HttpClientCall, isAbort } from '@spoor/instrumentation';
import { insideOf } from './client-inside.js';
import { responseHeaderReader } from './header-readers.js';

/** What happens to one request that is traced, told by its events. */
export class ClientTrace {
  readonly call: HttpClientCall<ClientRequest, IncomingMessage>;
  readonly #request: ClientRequest;
  #isDestroyed = false;
  #reason: unknown = undefined;
  #isTimedOut = false;
  #isUpgraded = false;

  constructor(call: HttpClientCall<ClientRequest, IncomingMessage>, request: ClientRequest) {
    this.call = call;
    this.#request = request;
  }

  /** The caller ended the request; Node itself does that by other ways. */
  onDestroy(reason: unknown): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#reason = reason;
  }

  onEvent(name: unknown, argument: unknown): void {
    if (name === 'response') {
      this.#respond(argument as IncomingMessage);
    } else if (name === 'upgrade' || name === 'connect') {
      this.#isUpgraded = true;
      this.#respond(argument as IncomingMessage);
    } else if (name === 'timeout') {
      this.#isTimedOut = true;
      this.call.span.log({ event: 'timeout' });
    } else if (name === 'error') {
      this.#fail(argument);
    } else if (name === 'close') {
      this.#close();
    }
  }

  #respond(response: IncomingMessage): void {
    const { socket } = response;
    this.call.connect(socket?.remoteAddress, socket?.remotePort);
    this.call.respond(this.#request, {
      response,
      statusCode: response.statusCode ?? 0,
      headerOf: responseHeaderReader(response),
    });
  }

  #fail(error: unknown): void {
    const { address, port } = error as { address?: string; port?: number };
    this.call.connect(address, port);
    if (isAbort(error) || this.#isGivenUp()) this.call.abort();
    else this.call.fail(error);
  }

  /** A caller that gives a reason of its own, or that has waited too long, reports a failure. */
  #isGivenUp(): boolean {
    return (
      this.#isDestroyed &&
      !this.#isTimedOut &&
      (this.#reason === undefined || this.#reason === null)
    );
  }

  #close(): void {
    if (this.call.isFinished) return;
    const response = insideOf(this.#request).res;
    // Nobody listened for the upgrade that came.
    if (response !== null) this.#respond(response);
    if (this.#isUpgraded) this.call.finish();
    else if (response === null) this.#fail(this.#reason ?? new Error('closed without a response'));
    else if (response.complete) this.#complete(response);
    else if (this.#isDestroyed) this.#fail(this.#reason ?? response.errored);
    else if (isCutByServer(response)) this.call.fail(response.errored);
    else if (response.errored === null || isAbort(response.errored)) this.call.abort();
    else this.call.fail(response.errored);
  }

  #complete(response: IncomingMessage): void {
    // It held its connection until now, which is what its duration says.
    if (!response.readableDidRead && !response.readableEnded) {
      this.call.span.setTag('http.body', 'unread');
    }
    this.call.finish();
  }
}

/** Node destroys a response with this error when its connection ends too early; an application has none, or its own. */
function isCutByServer({ errored }: IncomingMessage): boolean {
  return (errored as NodeJS.ErrnoException | null)?.code === 'ECONNRESET';
}
