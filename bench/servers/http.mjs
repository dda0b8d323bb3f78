import { runFloor } from '../floor.mjs';

export const variants = ['untraced', 'floor'];

/** `node:http` without a framework: what there is to pay at all. */
export function createListener(variant) {
  return variant === 'floor'
    ? (request, response) => runFloor(() => hello(request, response))
    : hello;
}

function hello(request, response) {
  const body = JSON.stringify({ hello: request.url.slice('/hello/'.length) });
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}
