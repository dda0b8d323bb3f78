import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const examplesFolder = fileURLToPath(new URL('../../examples/', import.meta.url));
const notCopied = ['node_modules', 'dist', '.turbo'];
const npmQuiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const startTimeoutMs = 60_000;
const endTimeoutMs = 30_000;

/** Copies an example to an empty folder outside of the workspace and installs there what it names, ours from `registry`. */
export async function installExample(t, name, registry) {
  const folder = await mkdtemp(path.join(tmpdir(), `spoor-example-${name}-`));
  t.after(() => rm(folder, { recursive: true }));
  await cp(path.join(examplesFolder, name), folder, {
    recursive: true,
    filter: (file) => !notCopied.includes(path.basename(file)),
  });
  await promisify(execFile)('npm', ['install', `--@spoor:registry=${registry}`, ...npmQuiet], {
    cwd: folder,
    env: environment(),
  });
  return folder;
}

/** Runs the one command of an example. */
export function startExample(t, folder, env) {
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...environment(), ...env },
    // A process group of its own, for Ctrl-C.
    detached: true,
  });
  let isOver = false;
  const exited = new Promise((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true;
      resolve(signal ?? code);
    });
  });
  const end = () => {
    if (!isOver) process.kill(-child.pid, 'SIGKILL');
  };
  t.after(end);
  let text = '';
  let look = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      look();
    });
  }
  return {
    /** Resolves with the exit code, or the signal, once the command has ended and all that it wrote is in {@link text}. */
    exited,
    text: () => text,
    /** Resolves once the command has printed what matches. */
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (why) => reject(new Error(`waited for ${pattern}, but ${why}:\n${text}`));
        const deadline = setTimeout(fail, startTimeoutMs, 'it did not come');
        look = () => {
          const match = pattern.exec(text);
          if (match === null) return;
          clearTimeout(deadline);
          resolve(match);
        };
        void exited.then((code) => {
          clearTimeout(deadline);
          fail(`npm start ended with ${code}`);
        });
        look();
      }),
    /** Sends SIGTERM to the command, as `docker stop` does. */
    terminate() {
      child.kill('SIGTERM');
      setTimeout(end, endTimeoutMs).unref();
    },
    /** Sends SIGINT to every process of the command, as a terminal does; npm then hands on its own, so that it comes twice. */
    pressCtrlC() {
      process.kill(-child.pid, 'SIGINT');
      setTimeout(end, endTimeoutMs).unref();
    },
  };
}

export async function readManifest(folder) {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
}

function environment() {
  const own = path.dirname(process.execPath);
  return {
    ...process.env,
    // The Node that runs the tests comes first.
    PATH: `${own}${path.delimiter}${process.env.PATH}`,
    // Between npm and the example stands a shell; unlike Debian's sh, bash makes way for it, so that signals and exit code pass.
    npm_config_script_shell: 'bash',
  };
}
