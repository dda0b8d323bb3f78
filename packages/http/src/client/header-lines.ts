const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');

/** Headers as they go over the wire. Throws for what is no header: what a codec of somebody else writes is not to be trusted. */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name]!;
    validateHeaderName(name);
    validateHeaderValue(name, value);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
