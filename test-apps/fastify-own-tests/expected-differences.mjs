const countsHooks = 'counts the onRequest hooks of the instance';
const namesPlugins =
  'compares the name of the instance, which lists the plugins that are registered';

/** Tests of Fastify, 4 and 5 alike, that fail with any plugin in the instance, and why. */
export const expectedDifferences = {
  'test/hooks.test.js > onRequest hook should support encapsulation / 2': countsHooks,
  'test/plugin.2.test.js > plugin name will change when using no encapsulation': namesPlugins,
  'test/plugin.2.test.js > set the plugin name based on the plugin displayName symbol':
    namesPlugins,
  'test/plugin.4.test.js > hasPlugin returns true when using no encapsulation': namesPlugins,
  'test/pretty-print.test.js > pretty print - empty plugins':
    'compares the printed tree of an instance without plugins',
  'test/pretty-print.test.js > pretty print - includeMeta, includeHooks':
    'compares the printed list of all hooks of a route',
};
