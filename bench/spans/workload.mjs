// The same for every tracer: a root and a child with six tags each, of which two differ from span to span.

const variety = 4096;
export const urls = Array.from({ length: variety }, (_, i) => `http://localhost:3000/users/${i}`);
export const ports = Array.from({ length: variety }, (_, i) => 32768 + i);

/** A root with its tags given at the start, a child that is tagged one by one; OpenTracing. */
export function openTracingPair(tracer, i) {
  const root = tracer.startSpan('GET /users/:id', {
    tags: {
      'span.kind': 'server',
      component: 'express',
      'http.method': 'GET',
      'http.url': urls[i % variety],
      'http.route': '/users/:id',
      'http.status_code': 200,
    },
  });
  const child = tracer.startSpan('SELECT', { childOf: root });
  child.setTag('span.kind', 'client');
  child.setTag('component', 'pg');
  child.setTag('db.type', 'sql');
  child.setTag('db.statement', 'SELECT * FROM users WHERE id = ?');
  child.setTag('peer.hostname', 'localhost');
  child.setTag('peer.port', ports[i % variety]);
  child.finish();
  root.finish();
}

/** The same; OpenTelemetry. */
export function openTelemetryPair({ trace, ROOT_CONTEXT, SpanKind }, tracer, i) {
  const root = tracer.startSpan(
    'GET /users/:id',
    {
      kind: SpanKind.SERVER,
      attributes: {
        'span.kind': 'server',
        component: 'express',
        'http.method': 'GET',
        'http.url': urls[i % variety],
        'http.route': '/users/:id',
        'http.status_code': 200,
      },
    },
    ROOT_CONTEXT,
  );
  const child = tracer.startSpan(
    'SELECT',
    { kind: SpanKind.CLIENT },
    trace.setSpan(ROOT_CONTEXT, root),
  );
  child.setAttribute('span.kind', 'client');
  child.setAttribute('component', 'pg');
  child.setAttribute('db.type', 'sql');
  child.setAttribute('db.statement', 'SELECT * FROM users WHERE id = ?');
  child.setAttribute('peer.hostname', 'localhost');
  child.setAttribute('peer.port', ports[i % variety]);
  child.end();
  root.end();
}
