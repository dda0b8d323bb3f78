import { rawBodies } from './raw-bodies.mjs';
import { rawHeads } from './raw-heads.mjs';
import { rawRequests } from './raw-requests.mjs';

const handlers = { ...rawHeads, ...rawBodies, ...rawRequests };

/** Answers `/raw/NAME` with Node's own request and response: what handlers in every framework do now and then. */
export async function answerRaw(request, response, folder) {
  const [, name] = /^[^?]*\/raw\/([\w-]+)/.exec(request.originalUrl ?? request.url) ?? [];
  if (!Object.hasOwn(handlers, name)) return response.writeHead(404).end('no such handler');
  return handlers[name](request, response, folder);
}
