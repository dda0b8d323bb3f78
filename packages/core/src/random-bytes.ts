/**
 * Bytes from the system's own generator, to seed ours. `node:crypto` has them too, but loading it takes 3 ms and 2 MiB at
 * start, so that it is asked only where there is no such device.
 */
export function randomBytes(count: number): Uint8Array {
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs');
  const bytes = new Uint8Array(count);
  try {
    const device = openSync('/dev/urandom', 'r');
    try {
      if (readSync(device, bytes) === count) return bytes;
    } finally {
      closeSync(device);
    }
  } catch {
    // Windows, or a process that may read no files.
  }
  return process.getBuiltinModule('node:crypto').randomFillSync(bytes);
}
