// The peers are nobody's dependencies: installed on demand into a folder that git ignores.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.cache/peers/', import.meta.url));

const manifest = JSON.stringify(
  {
    private: true,
    dependencies: {
      'jaeger-client': '3.19.0',
      // The last line of OpenTelemetry that runs on Node 20; the versions belong together.
      '@opentelemetry/api': '1.9.1',
      '@opentelemetry/sdk-trace-node': '2.12.0',
      '@opentelemetry/otlp-transformer': '0.223.0',
    },
  },
  null,
  2,
);

/** `require` among the peers. */
export const requirePeer = createRequire(`${folder}package.json`);

export function installPeers() {
  const installed = `${folder}installed.json`;
  if (existsSync(installed) && readFileSync(installed, 'utf8') === manifest) return;
  console.error('Installing the peers into bench/.cache/peers');
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}package.json`, manifest);
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('The peers could not be installed; npm says why above.');
  writeFileSync(installed, manifest);
}
