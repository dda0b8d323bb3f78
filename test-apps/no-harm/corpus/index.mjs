import { answers } from './answers.mjs';
import { bodies } from './bodies.mjs';
import { connections } from './connections.mjs';
import { errors } from './errors.mjs';
import { files } from './files.mjs';
import { headers, traceHeaders } from './headers.mjs';
import { aborted, malformed } from './malformed.mjs';
import { own } from './own.mjs';
import { methodsAndTargets, statuses } from './statuses.mjs';
import { streamsAndCompression } from './streams.mjs';

const topics = {
  statuses,
  methods: methodsAndTargets,
  headers,
  'trace headers': traceHeaders,
  bodies,
  errors,
  answers,
  streams: streamsAndCompression,
  files,
  connections,
  malformed,
  aborted,
  own,
};

/** Every case that a framework can answer, named by its topic. Known differences are left out. */
export function casesFor(framework) {
  return Object.entries(topics).flatMap(([topic, cases]) =>
    cases
      .filter(({ only }) => only === undefined || only.includes(familyOf(framework)))
      .map((one) => ({ ...one, title: `${topic}: ${one.title}` })),
  );
}

/** The statuses that the first answer to a case may have. */
export function statusesFor({ status = 200 }, framework) {
  const isByName = typeof status === 'object' && !Array.isArray(status);
  const expected = isByName
    ? (status[framework] ?? status[familyOf(framework)] ?? status.default)
    : status;
  return [expected].flat();
}

/** `Koa` of `Koa 3`. */
export function familyOf(framework) {
  return framework.split(' ')[0];
}
