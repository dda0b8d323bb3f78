import * as names from './exports.js';

// The list is in exports.ts: here each name is twice, for `import { initTracer }` and for `import jaeger`.
export * from './exports.js';

/** All that is exported, as one object: ES modules had to import `jaeger-client` in this way. */
const jaegerClient: typeof names = names;
export default jaegerClient;
