import {
  type Encoder,
  HttpTransport,
  ThriftBinaryEncoder,
  ThriftCompactEncoder,
  type Transport,
  UdpTransport,
} from '@spoor/core';
import { FaultLog } from '@spoor/core/internal';
import type { Logger } from './types.js';

/** What {@link RemoteReporter} of this package is given: an encoder and a transport. */
export interface EncodingSender {
  readonly encoder: Encoder;
  readonly transport: Transport;
}

/** Options of {@link UDPSender}. */
export interface UdpSenderOptions {
  /** Name or address of the Jaeger agent. @default 'localhost' */
  host?: string | undefined;
  /** Thrift binary on every port but 6831, on which an agent takes Thrift compact alone. @default 6832 */
  port?: number | undefined;
  /** Which addresses of the agent are taken. @default IPv4, else IPv6 */
  socketType?: 'udp4' | 'udp6' | undefined;
  /** The largest datagram, in bytes. @default 65000 */
  maxPacketSize?: number | undefined;
  /** @default nothing is logged */
  logger?: Logger | undefined;
}

/** The UDP port on which an agent takes Thrift compact. */
const compactPort = 6831;

/** Sends spans to a Jaeger agent. */
export class UDPSender implements EncodingSender {
  readonly encoder: Encoder;
  readonly transport: Transport;

  constructor({ host, port = 6832, socketType, maxPacketSize, logger }: UdpSenderOptions = {}) {
    this.encoder =
      port === compactPort
        ? new ThriftCompactEncoder()
        : new ThriftBinaryEncoder({ asMessage: true });
    this.transport = new UdpTransport({
      host,
      port,
      socketType,
      maxPacketBytes: maxPacketSize,
      faults: faultsOf(logger),
    });
  }
}

/** Options of {@link HTTPSender}. */
export interface HttpSenderOptions {
  /** For example `http://localhost:14268/api/traces`. */
  endpoint: string;
  /** For basic authentication, together with `password`. */
  username?: string | undefined;
  /** With `username`. */
  password?: string | undefined;
  /** How long one request may take, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined;
  /** @default nothing is logged */
  logger?: Logger | undefined;
}

/** Posts spans to a Jaeger collector. */
export class HTTPSender implements EncodingSender {
  readonly encoder: Encoder = new ThriftBinaryEncoder();
  readonly transport: Transport;

  constructor({ endpoint, username, password, timeoutMs, logger }: HttpSenderOptions) {
    this.transport = new HttpTransport({
      url: endpoint,
      username,
      password,
      timeoutMs: timeoutMs || undefined,
      faults: faultsOf(logger),
    });
  }
}

function faultsOf(logger: Logger | undefined): FaultLog | undefined {
  return logger === undefined ? undefined : new FaultLog(logger);
}
