/** Cases in which Spoor makes a difference as yet, and that are left out therefore. */
export const knownDifferences = [
  // The listener that `traceRequests` makes does not return what the original returns. The process would end.
  'own: GET /own/rejects',
  // Koa's middleware does not return what the next one returns.
  'own: GET /own/returned',
  // `emit` becomes a property of the request itself, which can be listed.
  'bodies: the properties of a request with a body',
];

/**
 * Cases after which a sampled span is still open: their last request waits behind another one when the connection ends,
 * and Node tells nobody that it drops the answer.
 */
export const knownUnfinished = [
  'answers: HTTP/1.0 that is kept alive',
  'connections: requests after the application has closed the connection',
  'aborted: with a second request in the queue',
];
