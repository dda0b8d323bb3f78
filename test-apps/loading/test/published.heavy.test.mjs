import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);
const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));

for (const name of await publishedPackages()) {
  test(`the packed @spoor/${name} resolves, with types, in every module system`, async (t) => {
    const tarball = await pack(t, name);

    const lint = await publint({ strict: true, pack: { tarball } });
    const messages = lint.messages.map((message) => formatMessage(message, lint.pkg));
    assert.deepEqual(messages, []);

    const types = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
    assert.deepEqual(
      types.problems
        .map(({ kind, entrypoint, resolutionKind }) => [kind, entrypoint, resolutionKind].join(' '))
        // TypeScript's node10 knows no entry but the main one.
        .filter((problem) => !/^NoResolution \.\/\S+ node10$/.test(problem)),
      [],
    );
  });
}

async function publishedPackages() {
  const names = await readdir(packages);
  const manifests = await Promise.all(
    names.map(async (name) =>
      JSON.parse(await readFile(path.join(packages, name, 'package.json'))),
    ),
  );
  return names.filter((_, i) => manifests[i].private !== true);
}

async function pack(t, name) {
  const folder = await mkdtemp(path.join(tmpdir(), 'spoor-pack-'));
  t.after(() => rm(folder, { recursive: true }));
  await run('npm', ['pack', '--pack-destination', folder], { cwd: path.join(packages, name) });
  const [file] = await readdir(folder);
  return new Uint8Array(await readFile(path.join(folder, file))).buffer;
}
