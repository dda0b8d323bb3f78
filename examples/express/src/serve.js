/** Listens, and on SIGTERM or SIGINT stops listening and sends the last spans before the process ends. */
export function serve(name, app, port, tracer) {
  const server = app.listen(port, (error) => {
    if (error) {
      console.error(`${name} cannot listen on port ${port}: ${error.message}`);
      process.exitCode = 1;
      return;
    }
    console.log(`${name} listens on http://localhost:${server.address().port}`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server.close(() => tracer.close());
      server.closeIdleConnections();
    });
  }
}
