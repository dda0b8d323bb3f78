import { connect, type Socket } from 'node:net';

/** What Redis answers, as RESP2 has it. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Sends one command on a connection of its own; rejects with what an error reply says. */
export function sendRedisCommand(
  host: string,
  port: number,
  args: readonly (string | number)[],
): Promise<RedisReply> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, host);
    let received = '';
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`redis at port ${port} hung up`)));
    socket.on('data', (chunk) => {
      received += chunk;
      const parsed = parse(received, 0);
      if (parsed === undefined) return;
      if (parsed.value instanceof Error) reject(parsed.value);
      else resolve(parsed.value);
      socket.destroy();
    });
    const texts = args.map(String);
    const lines = texts.map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`);
    socket.write(`*${texts.length}\r\n${lines.join('')}`);
  });
}

interface Parsed<Value> {
  readonly value: Value;
  readonly end: number;
}

/** Undefined while the reply is not whole. */
function parse(text: string, start: number): Parsed<RedisReply | Error> | undefined {
  const lineEnd = text.indexOf('\r\n', start);
  if (lineEnd === -1) return undefined;
  const line = text.slice(start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (text[start]) {
    case '+':
      return { value: line, end };
    case '-':
      return { value: new Error(line), end };
    case ':':
      return { value: Number(line), end };
    case '$':
      return parseBulk(text, end, Number(line));
    default:
      return parseList(text, end, Number(line));
  }
}

function parseBulk(text: string, start: number, length: number): Parsed<string | null> | undefined {
  if (length === -1) return { value: null, end: start };
  const end = start + length;
  if (text.length < end + 2) return undefined;
  return { value: Buffer.from(text.slice(start, end), 'latin1').toString(), end: end + 2 };
}

function parseList(
  text: string,
  start: number,
  length: number,
): Parsed<readonly RedisReply[] | null> | undefined {
  if (length === -1) return { value: null, end: start };
  const values: RedisReply[] = [];
  let end = start;
  for (let i = 0; i < length; i++) {
    const parsed = parse(text, end);
    if (parsed === undefined) return undefined;
    values.push(parsed.value instanceof Error ? parsed.value.message : parsed.value);
    end = parsed.end;
  }
  return { value: values, end };
}
