export { OtlpEncoder } from './otlp-encoder.js';
export { type OtlpReporterOptions, otlpReporter } from './otlp-reporter.js';
export { otlpSender } from './otlp-sender.js';
