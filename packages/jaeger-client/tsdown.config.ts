import base from '../../tsdown.base.ts';

export default {
  ...base,
  entry: ['src/index.ts', 'src/udp-sender.ts', 'src/http-sender.ts'],
  outputOptions: {
    ...base.outputOptions,
    // Else the bundler's own helpers are among the exports of the index.
    codeSplitting: { groups: [{ name: 'rolldown-runtime', test: /rolldown\/runtime/ }] },
  },
};
