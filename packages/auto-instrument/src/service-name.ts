import path from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** What threads inherit: while they preload, they do not know yet which file they run. */
const inherited = 'spoor.1.applicationName';

/**
 * The name in the nearest `package.json` of the program that runs, else the name of its file. Without a file, as in
 * `node --eval`, the folder counts in which it runs.
 */
export function applicationName(): string {
  const given = getEnvironmentData(inherited);
  if (typeof given === 'string') return given;
  const name = findName(process.argv[1]);
  setEnvironmentData(inherited, name);
  return name;
}

/** npm, pnpm and Yarn, which get the `NODE_OPTIONS` of the application that they start. */
export function isPackageManager(program: string = process.argv[1] ?? ''): boolean {
  const names = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli|-[\d.]+)?(\.[cm]?js)?$/;
  return names.test(path.basename(program));
}

function findName(program = path.join(process.cwd(), 'node')): string {
  for (let folder = path.dirname(program); ; folder = path.dirname(folder)) {
    const name = nameIn(path.join(folder, 'package.json'));
    if (name !== undefined) return name;
    if (folder === path.dirname(folder)) return path.basename(program, path.extname(program));
  }
}

function nameIn(file: string): string | undefined {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    return undefined;
  }
}
