import type { Encoder } from '../encoding/encoder.js';
import type { HttpTransportOptions } from '../transport/http-transport.js';
import type { Transport } from '../transport/transport.js';
import type { Settings } from './options.js';

const name = '@spoor/otlp';

/** An encoder, and a transport that its backend understands. */
export interface Sender {
  readonly encoder: Encoder;
  readonly transport: Transport;
}

/** What is needed of `@spoor/otlp`, on which this package cannot depend. */
export interface OtlpPackage {
  otlpSender(options: HttpTransportOptions): Sender;
}

let offered: (() => OtlpPackage) | undefined;

/** For packages that depend on `@spoor/otlp`: with pnpm neither the application nor this package sees it. */
export function offerOtlp(load: () => OtlpPackage): void {
  offered = load;
}

/** As the application itself would load it, or else as this package would; undefined where it is not installed. */
export function loadOtlp(): OtlpPackage | undefined {
  if (offered !== undefined) return offered();
  const main = process.argv[1] ?? `${process.cwd()}/index.js`;
  return requireFrom(main) ?? requireFrom(import.meta.url);
}

/** How the URLs of backends for OTLP end; the second is that of Alibaba Cloud. */
const otlpPath = /\/(v1|api\/otlp)\/traces\/?$/;

/** Whether spans go to a collector by OTLP. */
export function isOtlp({ collectorEndpoint, protocol }: Settings): boolean {
  if (collectorEndpoint === undefined || protocol === 'thrift') return false;
  return protocol === 'otlp' || otlpPath.test(new URL(collectorEndpoint).pathname);
}

/** In a bundle there may be no place. */
function requireFrom(place: string | undefined): OtlpPackage | undefined {
  if (!place) return undefined;
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    return createRequire(place)(name) as OtlpPackage;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Not one that the package itself misses. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}
