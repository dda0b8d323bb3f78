import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = new URL('../../../scripts/servers/', import.meta.url);

/** What a script of `scripts/servers` prints as JSON; rejects with what it complains of. */
export async function runServerScript<Found>(name: string): Promise<Found> {
  const file = fileURLToPath(new URL(name, folder));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    return JSON.parse(stdout) as Found;
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr?.trim() || String(error));
  }
}
