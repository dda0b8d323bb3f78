import type { Socket } from 'node:dgram';
import { withoutSpan } from '../active-span.js';
import { DEFAULT_AGENT_PORT, MAX_UDP_PACKET_BYTES } from '../constants.js';
import type { Batch } from '../encoding/encoder.js';
import { FaultLog, messageOf } from '../logger.js';
import { sendInThread } from './exit-thread.js';
import { lowered, type SendOutcome, type Transport } from './transport.js';

const sendProgram = `
const { host, port, family, bytes } = data;
process.getBuiltinModule('node:dns').lookup(host, { all: true, family }, (error, addresses) => {
  if (error) return end(false);
  const { address, family } = addresses.find((entry) => entry.family === 4) ?? addresses[0];
  const socket = process.getBuiltinModule('node:dgram').createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.once('error', () => end(false)).send(bytes, port, address, (fault) => end(!fault));
});
`;

/** Options of {@link UdpTransport}. */
export interface UdpTransportOptions {
  /** Name or address of the Jaeger agent; of several addresses an IPv4 one is taken. @default 'localhost' */
  host?: string | undefined;
  /** The agent's UDP port. @default 6831 */
  port?: number | undefined;
  /** Takes only IPv4 or only IPv6 addresses. @default IPv4, else IPv6 */
  socketType?: 'udp4' | 'udp6' | undefined;
  /** How long an address of the agent is believed, in milliseconds; then its name is looked up again. @default 30000 */
  addressLifetimeMs?: number | undefined;
  /** The largest datagram, in bytes; halved where the machine refuses that. @default 65000 */
  maxPacketBytes?: number | undefined;
  /** Where faults are logged. @default nowhere */
  faults?: FaultLog | undefined;
}

interface Connection {
  readonly address: string;
  readonly socket: Socket;
  readonly openedAtMs: number;
}

/**
 * Sends each batch as one datagram. What a network loses on the way nobody hears of. Where the machine knows that nobody
 * listens on the port a batch is `lost`, one that it refuses for its size is `too-large` (macOS takes 9216 bytes at first), an
 * address that cannot be found or reached is `retry`.
 *
 * The socket never keeps the process alive.
 */
export class UdpTransport implements Transport {
  #maxBatchBytes: number;
  readonly #host: string;
  readonly #port: number;
  readonly #family: 0 | 4 | 6;
  readonly #addressLifetimeMs: number;
  readonly #faults: FaultLog;
  #connection: Connection | undefined = undefined;
  #connecting: Promise<Connection> | undefined = undefined;
  #wasRefused = false;
  #isKnownDead = false;
  /** The batch that waits for the address of the agent. */
  #unsent: Batch | undefined = undefined;
  #mayStillSend = true;

  constructor(options: UdpTransportOptions = {}) {
    this.#host = options.host ?? 'localhost';
    this.#port = options.port ?? DEFAULT_AGENT_PORT;
    this.#family = options.socketType === undefined ? 0 : options.socketType === 'udp6' ? 6 : 4;
    this.#addressLifetimeMs = options.addressLifetimeMs ?? 30_000;
    this.#maxBatchBytes = options.maxPacketBytes ?? MAX_UDP_PACKET_BYTES;
    this.#faults = options.faults ?? new FaultLog({ info() {}, error() {} });
  }

  get maxBatchBytes(): number {
    return this.#maxBatchBytes;
  }

  async open(): Promise<void> {
    if (this.#connection !== undefined) return;
    // What is wrong with the address is said when there is something to send.
    await this.#connect().catch(() => {});
  }

  send(batch: Batch): Promise<SendOutcome> {
    const current = this.#freshConnection();
    return current === undefined
      ? this.#openAndSend(batch)
      : this.#sendThrough(current.socket, batch);
  }

  async #openAndSend(batch: Batch): Promise<SendOutcome> {
    let connection: Connection;
    this.#unsent = batch;
    try {
      connection = await this.#connect();
    } catch (error) {
      this.#faults.report('agent-host', this.#describeConnectFault(error));
      // The way that was open is better than waiting for another.
      if (this.#connection === undefined) {
        // Nor would a thread find it, for which Node waits as long as the look-up takes.
        this.#mayStillSend = false;
        return 'retry';
      }
      connection = this.#connection;
    } finally {
      this.#unsent = undefined;
    }
    return this.#sendThrough(connection.socket, batch);
  }

  /** Waits for nothing before the packet is with the kernel: the process may exit in the same turn. */
  async #sendThrough(socket: Socket, batch: Batch): Promise<SendOutcome> {
    this.#wasRefused = false;
    let error = await sendPacket(socket, batch.bytes);
    // The kernel reports a refused packet on the next send, which it then leaves undone.
    if (error?.code === 'ECONNREFUSED') error = await sendPacket(socket, batch.bytes);
    if (error?.code === 'EMSGSIZE') {
      this.#maxBatchBytes = lowered(this.#maxBatchBytes, batch);
      return 'too-large';
    }
    if (error === undefined) {
      // Nobody there on this machine: the refusal is read in a poll phase, and one lies between two check phases.
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      if (!this.#wasRefused) {
        this.#isKnownDead = false;
        return 'accepted';
      }
    }
    this.#reportLoss(error, batch);
    return 'lost';
  }

  sendNow({ bytes }: Batch): void {
    // However old the address is: there is no time to look for another.
    if (this.#connection !== undefined) this.#connection.socket.send(bytes);
    else if (this.#mayStillSend) this.#mayStillSend = this.#sendInThread(bytes);
  }

  resendNow(): void {
    if (this.#unsent !== undefined) this.sendNow(this.#unsent);
  }

  /** Where the process exits before the agent's name was looked up. */
  #sendInThread(bytes: Uint8Array): boolean {
    const [host, port, family] = [this.#host, this.#port, this.#family];
    return sendInThread(sendProgram, { host, port, family, bytes });
  }

  async close(): Promise<void> {
    this.#closeSocket();
    // Nobody waits for a look-up that is under way.
    void this.#connecting?.then(
      () => this.#closeSocket(),
      () => {},
    );
  }

  toString(): string {
    return `UdpTransport(${this.#host}:${this.#port})`;
  }

  #freshConnection(): Connection | undefined {
    const current = this.#connection;
    const isFresh =
      current !== undefined && performance.now() - current.openedAtMs < this.#addressLifetimeMs;
    return isFresh ? current : undefined;
  }

  #connect(): Promise<Connection> {
    this.#connecting ??= this.#lookUpAndOpen().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #lookUpAndOpen(): Promise<Connection> {
    // Loaded here: after the application's own start.
    const { lookup } = process.getBuiltinModule('node:dns/promises');
    const addresses = await lookup(this.#host, { all: true, family: this.#family });
    const { address, family } = addresses.find((entry) => entry.family === 4) ?? addresses[0]!;
    const openedAtMs = performance.now();
    const current = this.#connection;
    if (current?.address === address) {
      this.#connection = { ...current, openedAtMs };
      return this.#connection;
    }
    const socket = await withoutSpan(() =>
      openSocket(family === 6 ? 'udp6' : 'udp4', this.#port, address),
    );
    socket.on('error', () => {
      this.#wasRefused = true;
    });
    // Not before there is another: where none can be opened, the old one goes on.
    this.#closeSocket();
    this.#connection = { address, socket, openedAtMs };
    return this.#connection;
  }

  #closeSocket(): void {
    this.#connection?.socket.close();
    this.#connection = undefined;
  }

  #reportLoss(error: NodeJS.ErrnoException | undefined, batch: Batch): void {
    if (error !== undefined) {
      this.#faults.report(
        'udp',
        `the Jaeger agent at ${this.#host}:${this.#port} could not be sent ${batch.spanCount} spans: ${messageOf(error)}. Sending goes on.`,
      );
    } else if (!this.#isKnownDead) {
      // Once per outage: a process may well run where no agent is meant to be.
      this.#isKnownDead = true;
      this.#faults.report(
        'agent',
        `no Jaeger agent listens at ${this.#host}:${this.#port} (UDP); spans are lost until one does. Set JAEGER_AGENT_HOST and JAEGER_AGENT_PORT if it is elsewhere.`,
      );
    }
  }

  #describeConnectFault(error: unknown): string {
    return `reporter.agentHost: "${this.#host}" cannot be reached (${messageOf(error)}). Write the name or the address of the machine with the Jaeger agent; spans are kept as long as there is room.`;
  }
}

function openSocket(type: 'udp4' | 'udp6', port: number, address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = process.getBuiltinModule('node:dgram').createSocket(type);
    socket.unref();
    const refuse = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', refuse);
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve(socket);
    });
    // Given a callback, connect would hand the error to it and emit none.
    socket.connect(port, address);
  });
}

function sendPacket(socket: Socket, bytes: Uint8Array): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    socket.send(bytes, (error) => resolve(error ?? undefined));
  });
}
