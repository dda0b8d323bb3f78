import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { listen } from '@spoor/testing';

/** Serves packed packages as an npm registry does, so that what asks for a published version gets them. */
export async function startRegistry(t, packed) {
  const answers = new Map();
  const server = createServer((request, response) => {
    const body = answers.get(decodeURIComponent(request.url));
    // Not to be kept: another registry on the same port has other files under the same names.
    response.setHeader('cache-control', 'no-store');
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  const url = await listen(t, server);
  for (const { tarball, manifest } of packed) {
    const { name, version } = manifest;
    const bytes = readFileSync(tarball);
    const file = `/${name}/-/${version}.tgz`;
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const dist = { tarball: `${url}${file}`, integrity };
    const versions = { [version]: { ...manifest, dist } };
    answers.set(file, bytes);
    answers.set(`/${name}`, JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
  }
  return url;
}
