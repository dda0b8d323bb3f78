// What goes on a span
export { logError, recordError } from './record-error.js';
export { redactPath } from './redact-url.js';
// Doing no harm
export { reportFault } from './report-fault.js';
// Wrapping what is there
export { wrapMethod } from './wrap-method.js';
