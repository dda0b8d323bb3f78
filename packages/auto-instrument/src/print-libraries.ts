import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { consoleLogger } from '@spoor/core/internal';
import { instrumentations } from '@spoor/instrumentation';

const firstRequest = 'http.server.request.start';
/** Where no request comes, in milliseconds. */
const patienceMs = 5000;

const advice: Readonly<Record<string, string>> = {
  patched: '',
  'loaded too early': 'what was made of it before is not traced: load Spoor first',
  'unsupported version': 'use a version that the README of the package names',
  failed: 'see the message above, and report it',
  'not loaded': 'not used, or bundled: hand it over with install({ module })',
};

/** Prints what is traced and what is not, and why, when the first request comes, or after five seconds, or at the exit. */
export function printLibraries(): void {
  const print = (): void => {
    unsubscribe(firstRequest, print);
    clearTimeout(timer);
    process.off('exit', print);
    consoleLogger.error(table());
  };
  const timer = setTimeout(print, patienceMs).unref();
  subscribe(firstRequest, print);
  process.on('exit', print);
}

function table(): string {
  const rows = [['library', 'version', 'state', 'path', '']];
  for (const { name, libraries, seen } of instrumentations()) {
    const copies = seen();
    if (copies.length === 0 && libraries.length === 0) {
      rows.push([name, process.version.slice(1), 'hooked', 'part of Node, or by its channels', '']);
    } else if (copies.length === 0) {
      rows.push([name, '', 'not loaded', '', advice['not loaded']!]);
    }
    for (const { library, version, state, folder } of copies) {
      rows.push([library, version, state === 'patched' ? 'hooked' : state, folder, advice[state]!]);
    }
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      `spoor: ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd(),
    )
    .join('\n');
}
