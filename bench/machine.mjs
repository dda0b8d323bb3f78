import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { UsageError } from './usage-error.mjs';

/** Server and load on a core each, where that can be had. */
export const canPin =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** Figures mean nothing without this line. */
export function describeMachine(node) {
  const pinned = canPin ? 'pinned with taskset' : 'not pinned';
  const date = new Date().toISOString().slice(0, 10);
  const cores = `${cpus().length} cores (${cpus()[0].model})`;
  return `Node ${versionOf(node)}, ${process.platform} ${process.arch}, ${cores}, ${pinned}, ${date}`;
}

function versionOf(node) {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    throw new UsageError(`--node: "${node}" cannot be run. Write the path of a node binary.`);
  }
}
