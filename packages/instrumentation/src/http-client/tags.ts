import { isIPv6 } from 'node:net';
import type { Span } from '@spoor/core';
import type { SemanticConventions } from './options.js';
import { type HttpTarget, redactedUrl } from './target.js';

const ipv4InIpv6 = '::ffff:';

/** @see OpenTracing semantic conventions, and OpenTelemetry's 1.23 and later, "HTTP client" */
export function tagTarget(
  span: Span,
  component: string,
  target: HttpTarget,
  semconv: SemanticConventions,
): void {
  const { method, hostname, port, socketPath } = target;
  const url = redactedUrl(target);
  span.setTag('span.kind', 'client');
  span.setTag('component', component);
  if (semconv !== 'otel') {
    span.setTag('http.method', method);
    span.setTag('http.url', url);
    span.setTag('peer.hostname', hostname);
    if (port !== undefined) span.setTag('peer.port', port);
    if (socketPath !== undefined) span.setTag('peer.address', socketPath);
  }
  if (semconv !== 'opentracing') {
    span.setTag('http.request.method', method);
    span.setTag('url.full', url);
    span.setTag('server.address', socketPath ?? hostname);
    if (port !== undefined) span.setTag('server.port', port);
  }
}

export function tagStatus(span: Span, statusCode: number, semconv: SemanticConventions): void {
  if (semconv !== 'otel') span.setTag('http.status_code', statusCode);
  if (semconv !== 'opentracing') span.setTag('http.response.status_code', statusCode);
}

export function tagPeerAddress(
  span: Span,
  address: string,
  port: number | undefined,
  semconv: SemanticConventions,
): void {
  const plain = address.startsWith(ipv4InIpv6) ? address.slice(ipv4InIpv6.length) : address;
  if (semconv !== 'otel') span.setTag(isIPv6(plain) ? 'peer.ipv6' : 'peer.ipv4', plain);
  if (semconv !== 'opentracing') {
    span.setTag('network.peer.address', plain);
    if (port !== undefined) span.setTag('network.peer.port', port);
  }
}
