export { OtlpEncoder } from './otlp-encoder.js';
