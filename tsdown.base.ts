import { defineConfig, type UserConfig } from 'tsdown';

type Plugin = Extract<UserConfig['plugins'], readonly unknown[]>[number];

/**
 * The CommonJS file of an entry is what runs; the ESM file beside it names what that exports. So `require` and `import` give
 * the same objects in whatever Node, bundler or test runner, and the start does not pay for the ESM loader.
 */
const offerAsEsm: Plugin = {
  name: 'offer-as-esm',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !chunk.isEntry || !chunk.fileName.endsWith('.cjs')) continue;
      const { name, code, types } = esmOf(chunk);
      this.emitFile({ type: 'asset', fileName: `${name}.mjs`, source: code });
      this.emitFile({ type: 'asset', fileName: `${name}.d.mts`, source: types });
    }
  },
};

/** With one other character among them, V8 would hold all of a file in two bytes each, and read it more slowly. */
const inAscii: Plugin = {
  name: 'in-ascii',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !chunk.fileName.endsWith('.cjs')) continue;
      chunk.code = chunk.code.replaceAll(/[^\0-\x7f]/g, escaped);
    }
  },
};

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function esmOf({ name, code, exports }: { name: string; code: string; exports: string[] }) {
  const from = `from './${name}.cjs';\n`;
  const names = exports.filter((one) => one !== 'default');
  const named = { name, code: `export { ${names.join(', ')} } ${from}`, types: `export * ${from}` };
  if (!exports.includes('default')) return named;
  // What Node gives as the default export of a CommonJS file is all of it, and bundlers may give its `default`: here that is one
  // of the names, or all of them.
  const localOf = (one: string) => new RegExp(`^exports\\.${one} = (.+);$`, 'm').exec(code)?.[1];
  const same = names.find((one) => localOf(one) === localOf('default'));
  const ofCode = `import all ${from}export default all.default ?? all;\n`;
  const ofTypes = `import * as all ${from}/** All that is exported, as one object. */\ndeclare const _default: typeof all;\nexport default _default;\n`;
  const alias = same && `export { ${same} as default } ${from}`;
  return {
    name,
    code: named.code + (alias ?? ofCode),
    types: named.types + (alias ?? ofTypes),
  };
}

const config: UserConfig = defineConfig({
  entry: ['src/index.ts'],
  format: ['cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  sourcemap: false,
  fixedExtension: true,
  treeshake: true,
  plugins: [inAscii, offerAsEsm],
  outputOptions: {
    // As the source is, which is ESM.
    strict: true,
    // They are in the types; at start every byte of the code is scanned.
    comments: { jsdoc: false },
  },
});

export default config;
