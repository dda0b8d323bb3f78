import {
  type Encoder,
  HttpTransport,
  type HttpTransportOptions,
  type Transport,
} from '@spoor/core';
import packageJson from '../package.json' with { type: 'json' };
import { otlpBackend } from './otlp-backend.js';
import { OtlpEncoder } from './otlp-encoder.js';

/**
 * The two parts of a `RemoteReporter` that sends OTLP in protobuf over HTTP. `initTracer` takes them where the configuration
 * asks for OTLP; {@link otlpReporter} makes the whole.
 */
export function otlpSender(options: HttpTransportOptions): {
  encoder: Encoder;
  transport: Transport;
} {
  const headers = { 'user-agent': `Spoor-Node/${packageJson.version}`, ...options.headers };
  return {
    encoder: new OtlpEncoder(),
    transport: new HttpTransport({ ...options, headers, backend: otlpBackend }),
  };
}
