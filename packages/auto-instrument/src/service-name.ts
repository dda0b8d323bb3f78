import path from 'node:path';

/** The name in the nearest `package.json` of the program that runs, else the name of its file. */
export function applicationName(): string {
  const program = process.argv[1];
  if (program === undefined) return 'node';
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
