import { headersOf } from './content.mjs';

/** Status lines and headers, written by hand. */
export const rawHeads = {
  'write-head': (_, response) =>
    response.writeHead(201, 'Made Up', { 'X-One': '1', 'X-Two': ['1', '2'] }).end('made'),
  'write-head-list': (_, response) =>
    response.writeHead(200, ['X-One', '1', 'X-One', '2', 'Content-Length', '4']).end('list'),
  'status-message': (_, response) => {
    response.statusCode = 202;
    response.statusMessage = 'By Property';
    response.end('said');
  },
  merged: (_, response) => {
    response.setHeader('X-Set', 'set');
    response.setHeader('X-Both', 'set');
    response.writeHead(200, { 'X-Both': 'written', 'X-Written': 'written' }).end();
  },
  appended: (_, response) => {
    response.appendHeader('X-List', 'one').appendHeader('X-List', ['two', 'three']);
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.appendHeader('Set-Cookie', 'c=3');
    response.end();
  },
  'set-headers': (_, response) => {
    response.setHeaders(new Headers({ 'X-One': '1', 'X-Two': '2' }));
    response.setHeaders(new Map([['X-Three', '3']]));
    response.end();
  },
  removed: (_, response) => {
    response.setHeader('X-Gone', '1');
    response.removeHeader('x-gone');
    response.sendDate = false;
    response.end('no date');
  },
  'all-kinds': (_, response) => {
    for (const headers of Object.values(headersOf)) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    }
    response.end();
  },
  faulty: (_, response) => {
    const attempts = [
      () => response.setHeader('X-Line', 'a\nb'),
      () => response.setHeader('bad name', 'a'),
      () => response.setHeader('X-Wide', '\u{1f600}'),
      () => response.setHeader('X-Undefined', undefined),
      () => response.writeHead(99),
      () => response.writeHead(200, 'bad\nreason'),
    ];
    const codes = attempts.map(codeOf).join(' ');
    response.statusMessage = 'Fine';
    response.end(codes);
  },
  twice: (_, response) => {
    response.writeHead(200, { 'X-First': '1' });
    const attempts = [
      () => response.writeHead(500),
      () => response.setHeader('X-Late', '1'),
      () => response.appendHeader('X-Late', '1'),
      () => response.removeHeader('X-First'),
    ];
    response.end(attempts.map(codeOf).join(' '));
  },
  known: (_, response) => {
    response.setHeader('X-Known', 'yes');
    const known = {
      names: response.getHeaderNames(),
      headers: response.getHeaders(),
      has: [response.hasHeader('x-known'), response.hasHeader('traceparent')],
      sent: response.headersSent,
      status: response.statusCode,
      keys: Object.keys(response).filter((key) => !key.startsWith('_')),
    };
    response.setHeader('X-Body', 'json');
    response.end(JSON.stringify(known));
  },
  'early-hints': (_, response) => {
    response.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.js>; rel=preload'] });
    response.writeEarlyHints({ link: '</c.css>; rel=preload', 'x-hint': 'yes' });
    response.end('hinted');
  },
  processing: (_, response) => {
    response.writeProcessing();
    response.writeProcessing();
    response.end('processed');
  },
  continue: (_, response) => {
    response.writeContinue();
    response.end('continued');
  },
  flushed: (_, response) => {
    response.setHeader('X-Flushed', 'yes');
    response.flushHeaders();
    setImmediate(() => response.end('later'));
  },
  trailers: (_, response) => {
    response.writeHead(200, { Trailer: 'X-Sum, X-Count' });
    response.write('with ');
    response.addTrailers({ 'X-Sum': 'abc', 'X-Count': '2' });
    response.end('trailers');
  },
  'trailers-lost': (_, response) => {
    response.writeHead(200, { 'Content-Length': '2' });
    response.addTrailers({ 'X-Lost': 'yes' });
    response.end('ab');
  },
  'closed-by-application': (_, response) => {
    response.writeHead(200, { Connection: 'close', 'Content-Length': '3' }).end('bye');
  },
  'not-modified': (_, response) => response.writeHead(304, { ETag: '"x"' }).end('dropped'),
  'no-content': (_, response) => response.writeHead(204, { 'X-Kept': 'yes' }).end('dropped'),
  partial: (_, response) => response.writeHead(206, { 'Content-Range': 'bytes 0-1/9' }).end('ab'),
  'no-chunks': (_, response) => {
    response.useChunkedEncodingByDefault = false;
    response.write('until the ');
    response.end('connection ends');
  },
};

function codeOf(attempt) {
  try {
    attempt();
    return 'fine';
  } catch (error) {
    return error.code;
  }
}
