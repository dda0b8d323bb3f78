// Finds the program of a server: the one on PATH, else Debian's packages, unpacked into .cache without being installed.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { run, unpackFromDebian } from './debian.mjs';

/** Prints how to start it as JSON, `{ command, libraries, origin }`, or why there is none. */
export function printProgram({ name, program, packages, withLibraries, advice }) {
  try {
    const found = onPath(program) ?? unpacked({ name, program, packages, withLibraries });
    process.stdout.write(`${JSON.stringify(found)}\n`);
  } catch (error) {
    process.stderr.write(
      `There is no ${program} on PATH, and Debian's could not be downloaded: ${error.message}\n` +
        `${advice}, and try again.\n`,
    );
    process.exitCode = 1;
  }
}

function onPath(program) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const command = path.join(folder, program);
    if (folder !== '' && isExecutable(command)) return { command, libraries: '', origin: command };
  }
  return undefined;
}

function unpacked({ name, program, packages, withLibraries }) {
  const check = (root) => {
    const { command, libraries } = describe(program, root);
    run(command, ['--version'], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
  };
  const root = unpackFromDebian(name, packages, { withLibraries, check });
  return { ...describe(program, root), origin: `Debian's package, in .cache/${name}` };
}

function describe(program, root) {
  const libraries = ['usr/lib', 'lib']
    .map((folder) => path.join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((folder) => folder.includes('-linux-'));
  return {
    command: path.join(root, 'usr/bin', program),
    libraries: libraries.join(path.delimiter),
  };
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
