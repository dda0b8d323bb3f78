// The arrows of docs/architecture.md: which package may import which of ours, and what else is forbidden.
// pnpm arrows

/** Package: the packages of ours that it may import. Nobody may import what is not named. */
const mayImport = {
  core: [],
  instrumentation: ['core'],
  http: ['core', 'instrumentation'],
  express: ['http', 'instrumentation'],
  fastify: ['http', 'instrumentation'],
  koa: ['http', 'instrumentation'],
  ioredis: ['core', 'instrumentation'],
  pg: ['core', 'instrumentation'],
  pino: ['core', 'instrumentation'],
  undici: ['core', 'instrumentation'],
  winston: ['core', 'instrumentation'],
  otlp: ['core'],
  prometheus: ['core'],
  'auto-instrument': [
    'core',
    'instrumentation',
    'http',
    'express',
    'fastify',
    'koa',
    'ioredis',
    'otlp',
    'pg',
    'pino',
    'undici',
    'winston',
  ],
  'jaeger-client': ['core'],
  testing: [],
};

/** Folders of core: the folders of core that they may import. Only config knows how the parts fit together. */
const coreLayers = ['propagation', 'sampling', 'reporting', 'encoding', 'transport', 'metrics'];

const sources = (name) => `^packages/${name}/src/`;

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([name, others]) => ({
      name: `${name}-imports-only-${others.join('-and-') || 'nothing-of-ours'}`,
      severity: 'error',
      from: { path: sources(name) },
      to: {
        path: '^packages/',
        pathNot: [`^packages/${name}/`, ...others.map((other) => `^packages/${other}/`)],
      },
    })),
    {
      name: 'only-the-index-imports-config',
      comment: 'config/ puts the parts together; a part that imports it has an arrow up.',
      severity: 'error',
      from: { path: coreLayers.map((layer) => `^packages/core/src/${layer}/`) },
      to: { path: '^packages/core/src/config/' },
    },
    {
      name: 'spans-know-no-wire',
      severity: 'error',
      from: {
        path: '^packages/core/src/(span|tracer|span-context|active-span|tags|ids|clock)\\.ts$',
      },
      to: { path: '^packages/core/src/(encoding|transport)/' },
    },
    {
      name: 'encoders-and-transports-know-no-tracer',
      severity: 'error',
      from: { path: '^packages/core/src/(encoding|transport)/' },
      to: { path: '^packages/core/src/(tracer|span|reporting/.*|sampling/.*)\\.ts$' },
    },
    {
      name: 'core-depends-on-opentracing-alone',
      severity: 'error',
      from: { path: sources('core') },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer'], pathNot: 'node_modules/opentracing/' },
    },
    {
      name: 'inside-a-package-import-the-file',
      comment: 'The index is for users; inside it makes cycles.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '^packages/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'examples-and-benchmarks-use-published-names',
      severity: 'error',
      from: { path: '^(examples|test-apps|bench)/' },
      to: { path: '^packages/[^/]+/src/' },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/', '/dist-test/'] },
    exclude: { path: ['/dist-test/', '/\\.cache/', 'packages/testing/gen/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs'],
    },
  },
};
