import { defineConfig, type UserConfig } from 'tsdown';

/** One ESM and one CommonJS file per entry; `exports` in package.json offers exactly one of them per process. */
const config: UserConfig = defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  sourcemap: false,
  fixedExtension: true,
  treeshake: true,
  // They are in the types; at start every byte of the code is scanned.
  outputOptions: { comments: { jsdoc: false } },
});

export default config;
