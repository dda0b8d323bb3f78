import { Agent, get } from 'node:http';

export const backend = 'http';
export const instrumentation = '@spoor/http';

export async function open(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const address = new URL('/hello', url);
  return {
    call: () =>
      new Promise((resolve, reject) => {
        get(address, { agent }, (response) => response.resume().once('end', resolve)).once(
          'error',
          reject,
        );
      }),
    close: () => agent.destroy(),
  };
}
