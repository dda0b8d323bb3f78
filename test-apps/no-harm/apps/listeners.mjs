/**
 * Everything that a server can listen for beside requests, for the second server of every application: with these
 * listeners Node leaves to them what it answers itself otherwise.
 */
export function addListeners(server, listener, onReceived) {
  server.maxRequestsPerSocket = 5;
  return server
    .on('upgrade', (request, socket, head) => {
      onReceived();
      upgrade(request, socket, head);
    })
    .on('connect', (_request, socket) => {
      onReceived();
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      echoUntilBye(socket);
    })
    .on('checkContinue', (request, response) => {
      onReceived();
      if (request.url.includes('refused')) {
        response.writeHead(413, { connection: 'close' }).end('too much');
        return;
      }
      response.writeContinue();
      listener(request, response);
    })
    .on('checkExpectation', (_request, response) => {
      onReceived();
      response.writeHead(417, { 'x-by': 'listener' }).end('expect less');
    })
    .on('clientError', (error, socket) => {
      if (!socket.writable) return;
      socket.end(`HTTP/1.1 400 By The Listener\r\nConnection: close\r\n\r\n${error.code}`);
    });
}

function upgrade(request, socket, head) {
  switch (request.url) {
    case '/refused':
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    case '/destroyed':
      socket.destroy();
      return;
    default:
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
      );
      if (head.length > 0) socket.unshift(head);
      echoUntilBye(socket);
  }
}

function echoUntilBye(socket) {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes;
    if (text.endsWith('bye')) socket.end(`echo: ${text}`);
  });
}
