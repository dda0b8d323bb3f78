import { once } from 'node:events';
import { connect } from 'node:net';

/** Writes bytes to a server as they are. */
export async function openSocket(t, url) {
  const socket = connect(new URL(url).port, '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  return {
    socket,
    /** Resolves with everything that came once `pattern` is in it. */
    async read(pattern) {
      while (!pattern.test(received)) await once(socket, 'data');
      return received;
    },
  };
}

export const get = (path, ...headers) =>
  `${[`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;
