import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventChunks, longText, textChunks } from './content.mjs';

/** Bodies, streamed and cut off, written by hand. */
export const rawBodies = {
  chunks: (_, response) => {
    for (const chunk of textChunks) response.write(chunk);
    response.end('six');
  },
  'many-chunks': (_, response) => {
    for (let i = 0; i < 500; i += 1) response.write(`${i},`);
    response.end();
  },
  encodings: (_, response) => {
    response.write('caf\u00e9 ', 'latin1');
    response.write('68c3a9', 'hex');
    response.write(new Uint8Array([0, 1, 254, 255]));
    response.end('aGVsbG8=', 'base64');
  },
  buffer: (_, response) => response.end(Buffer.from([0, 13, 10, 255])),
  nothing: (_, response) => response.end(),
  megabyte: (_, response) => response.end(Buffer.alloc(2 ** 20, 'megabyte')),
  corked: (_, response) => {
    response.cork();
    response.write('a');
    response.write('b');
    response.uncork();
    response.end('c');
  },
  callbacks: (_, response) => {
    response.write('written', () => response.end(' and called back', () => {}));
  },
  drained: (_, response) => {
    let left = 20;
    const fill = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write('x'.repeat(10_000))) return response.once('drain', fill);
      }
      return response.end();
    };
    fill();
  },
  file: (_, response, folder) => createReadStream(path.join(folder, 'letters.txt')).pipe(response),
  pipeline: (_, response) => pipeline(Readable.from(textChunks), response, () => {}),
  'pipeline-fails': (_, response) => {
    async function* failing() {
      yield 'before ';
      // The first part has to be on its way, so that what arrives does not depend on the moment.
      await sleep(5);
      throw new Error('the source failed');
    }
    pipeline(failing(), response, () => {});
  },
  events: async (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    for (const chunk of eventChunks) {
      response.write(chunk);
      await sleep(1);
    }
    response.end();
  },
  slow: async (_, response) => {
    for (const chunk of textChunks) {
      response.write(chunk);
      await sleep(3);
    }
    response.end();
  },
  'late-answer': async (_, response) => {
    await sleep(10);
    response.end('late');
  },
  'first-half': (_, response) => {
    response.writeHead(200, { 'Content-Length': '10' });
    response.write('half!');
  },
  endless: (_, response) => {
    const timer = setInterval(() => response.write('tick '), 1);
    response.on('close', () => clearInterval(timer));
  },
  silent: () => {},
  'destroyed-at-once': (_, response) => response.destroy(),
  'destroyed-later': (_, response) => {
    response.writeHead(200, { 'Content-Length': '10' });
    response.write('half!', () => response.destroy(new Error('given up')));
  },
  'socket-ended': (request) => request.socket.end('HTTP/1.1 299 By Hand\r\n\r\nby hand'),
  'socket-destroyed': (request) => request.socket.destroy(),
  'socket-written': (_, response) => {
    response.flushHeaders();
    response.socket.write('7\r\nsmuggle\r\n');
    response.end('d');
  },
  'after-end': (_, response) => {
    const codes = [];
    response.on('error', (error) => codes.push(error.code));
    response.end('first');
    response.write('second');
    response.end('third');
  },
  'too-long': (_, response) => {
    response.strictContentLength = true;
    response.writeHead(200, { 'Content-Length': '4' });
    try {
      response.end('too long');
    } catch (error) {
      response.end(error.code.slice(-4));
    }
  },
  'too-short': (_, response) => {
    response.writeHead(200, { 'Content-Length': '10', Connection: 'close' }).end('short');
  },
  'timed-out': (_, response) => {
    response.setTimeout(5, () => response.writeHead(503).end('too slow'));
  },
  long: (_, response) => response.end(longText),
};
