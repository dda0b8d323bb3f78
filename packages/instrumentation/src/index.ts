// What goes on a span
export { recordError } from './record-error.js';
export { redactPath } from './redact-url.js';

// Doing no harm
export { reportFault } from './report-fault.js';
