import { runServerScript } from './server-script.js';

/** Where the pg-native of this Node is, or why there is none. */
export type PgNative = { readonly module: string } | { readonly missing: string };

/** Builds pg-native on a real libpq, once per version of Node. Rejects if that fails; where there is no compiler it says so. */
export function buildPgNative(): Promise<PgNative> {
  return runServerScript('pg-native.mjs');
}
