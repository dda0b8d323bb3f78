/**
 * A trace in lines that can be compared: service, operation, status, and an ✗ for errors; what is below another span is
 * indented. Siblings come in the order in which they started.
 */
export function outline(spans) {
  const byStart = spans.toSorted((a, b) => a.startTimeUs - b.startTimeUs);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const lines = [];
  const add = (span, depth) => {
    const { 'http.status_code': status, error } = span.tags;
    const words = [span.serviceName, span.operationName, status, error && '✗'];
    lines.push('  '.repeat(depth) + words.filter((word) => word !== undefined).join(' '));
    for (const child of byStart) if (child.parentSpanId === span.spanId) add(child, depth + 1);
  };
  for (const span of byStart) if (!ids.has(span.parentSpanId)) add(span, 0);
  return lines;
}
