import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesOf } from '../corpus/request.mjs';

const limitMs = 10_000;

/** Does what a case says, and resolves with all bytes that came back, as text of one character per byte. */
export async function exchange(ports, { title, steps, server = 'plain', asksAgain = false }) {
  const port = ports[server];
  let answer = await talk(port, steps).catch((error) => {
    throw new Error(`${title}: ${error.message}`);
  });
  if (asksAgain !== false) {
    const target = asksAgain === true ? '/raw/inspect' : asksAgain;
    answer += `\n--- asked again ---\n${await talk(port, [bytesOf('GET', target)])}`;
  }
  return withoutDates(answer);
}

/** The one thing that two processes cannot have in common. */
function withoutDates(answer) {
  return answer.replaceAll(/(?<=\r\nDate: )[^\r]+/gi, 'now');
}

async function talk(port, steps) {
  // The server's end of the connection is no reason to stop sending.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const received = new Received(socket);
  await once(socket, 'connect');
  for (const step of steps) {
    if (socket.destroyed) break;
    if (step.waitFor !== undefined) await received.until(step.waitFor);
    else if (step.pauseMs !== undefined) await sleep(step.pauseMs);
    else if (step.halfClose) socket.end();
    else if (step.abort) return abandon(socket, received);
    else await write(socket, step);
  }
  await received.untilEnd();
  socket.destroy();
  return received.text;
}

/** What comes after the text that was waited for depends on the moment. */
function abandon(socket, received) {
  socket.destroy();
  return received.awaitedText;
}

/** Resolves when the bytes are on their way, or the server did not want them. */
function write(socket, bytes) {
  return new Promise((resolve) => socket.write(bytes, () => resolve()));
}

/** The bytes that a connection brings, and its end, whichever way it ends. */
class Received {
  text = '';
  awaitedText = '';
  #isOver = false;
  #wake = () => {};

  constructor(socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      this.text += text;
      this.#wake();
    });
    // A reset is an end, too: the bytes before it are what is compared.
    socket.on('error', () => {});
    for (const name of ['end', 'close']) {
      socket.on(name, () => {
        this.#isOver = true;
        this.#wake();
      });
    }
  }

  async until(text) {
    const from = this.awaitedText.length;
    await this.#wait(`"${text}"`, () => this.#isOver || this.text.includes(text, from));
    const end = this.text.indexOf(text, from);
    this.awaitedText = end === -1 ? this.text : this.text.slice(0, end + text.length);
  }

  untilEnd() {
    return this.#wait('the end', () => this.#isOver);
  }

  async #wait(what, isThere) {
    const timer = setTimeout(() => this.#wake('late'), limitMs);
    while (!isThere()) {
      const reason = await new Promise((resolve) => {
        this.#wake = resolve;
      });
      if (reason === 'late') {
        throw new Error(`no ${what} within ${limitMs} ms after ${JSON.stringify(this.text)}`);
      }
    }
    clearTimeout(timer);
  }
}
