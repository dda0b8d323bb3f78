import path from 'node:path';

/**
 * The name in the nearest `package.json` of the program that runs, else the name of its file. Where there is no file, or none
 * known yet, as in `node --eval` and in a thread that preloads, the folder counts in which the process runs.
 */
export function applicationName(program: string = path.join(process.cwd(), 'node')): string {
  for (let folder = path.dirname(program); ; folder = path.dirname(folder)) {
    const name = nameIn(path.join(folder, 'package.json'));
    if (name !== undefined) return name;
    if (folder === path.dirname(folder)) return path.basename(program, path.extname(program));
  }
}

/** The program that runs; under pm2, the one for which its container was started. */
export function programOf({ argv, env }: NodeJS.Process): string | undefined {
  const isContainer = /[\\/]pm2[\\/]lib[\\/]ProcessContainer(Fork)?\.js$/.test(argv[1] ?? '');
  if (!isContainer) return argv[1];
  // In its cluster mode, pm2 hands all that it has to say over as one variable.
  const { pm_exec_path } = env.pm2_env === undefined ? env : JSON.parse(env.pm2_env);
  return pm_exec_path;
}

/** npm, pnpm and Yarn, which get the `NODE_OPTIONS` of the application that they start. */
export function isPackageManager(program: string = process.argv[1] ?? ''): boolean {
  const names = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli|-[\d.]+)?(\.[cm]?js)?$/;
  return names.test(path.basename(program));
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
