// Bundles the shop with esbuild into dist-test/bundles: with its libraries beside the bundle, and with all of them inside of it.
import { build } from 'esbuild';

/** What CommonJS in an ESM bundle needs, with esbuild: Spoor or not. */
const banner = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};
const formats = [
  { format: 'cjs', extension: '.cjs' },
  { format: 'esm', extension: '.mjs', banner },
];
const bundles = [
  { entry: 'src/explicit.mts', name: 'external', packages: 'external' },
  { entry: 'src/bundled.mts', name: 'inside', minify: true },
  { entry: 'src/bundled-auto.mts', name: 'auto' },
  { entry: 'plain.mjs', name: 'plain' },
];

await Promise.all(
  formats.flatMap(({ format, extension, ...rest }) =>
    bundles.map(({ entry, name, ...options }) =>
      build({
        entryPoints: [entry],
        outfile: `dist-test/bundles/${name}${extension}`,
        bundle: true,
        platform: 'node',
        target: 'node20',
        format,
        logLevel: 'warning',
        // Optional, and not installed.
        external: ['pg-native'],
        ...options,
        ...rest,
      }),
    ),
  ),
);
