import { runFloor } from '../floor.mjs';

export const variants = ['untraced', 'floor', 'spoor@0', 'spoor'];

/** `node:http` without a framework: what there is to pay at all. */
export async function createListener(variant) {
  if (variant === 'floor') return (request, response) => runFloor(() => hello(request, response));
  if (!variant.startsWith('spoor')) return hello;
  const { traceRequests } = await import('@spoor/http');
  return traceRequests(hello);
}

function hello(request, response) {
  const body = JSON.stringify({ hello: request.url.slice('/hello/'.length) });
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}
