// What of ioredis 5 and 6 is touched. Its own types are no dependency of ours, and lack the insides.

/** An argument as it is sent. */
export type CommandArgument = string | Buffer | number | null;

/** Settles through its own `resolve` and `reject`, however often it is sent. */
export interface RedisCommand {
  readonly name: string;
  readonly args: readonly CommandArgument[];
  resolve(reply: unknown): unknown;
  reject(error: unknown): unknown;
  transformReply(reply: unknown): unknown;
  getKeys(): readonly CommandArgument[];
}

/** A `Redis` or a `Cluster`. */
export interface RedisClient {
  readonly options: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string | null;
    readonly db?: number;
    readonly sentinels?: unknown;
    readonly enableAutoPipelining?: boolean;
  };
  readonly isCluster: boolean;
  readonly condition?: { readonly select?: number } | null;
  readonly stream?: { readonly remoteAddress?: string; readonly remotePort?: number } | null;
  sendCommand(command: RedisCommand, stream?: CommandStream, node?: unknown): unknown;
  connect(callback?: Callback): Promise<void>;
  pipeline(commands?: unknown): RedisPipeline;
  /** A promise with `{ pipeline: false }`. */
  multi(commands?: unknown, options?: unknown): RedisPipeline | Promise<unknown>;
}

/** The rest of a `Cluster`. */
export interface RedisCluster extends RedisClient {
  readonly connectionPool: {
    getNodes(): RedisClient[];
    on(event: '+node', listener: (node: RedisClient) => void): unknown;
  };
  delayUntilReady(callback: Callback): void;
  refreshSlotsCache(callback?: Callback): void;
}

/** Where the commands of a pipeline are written. */
export interface CommandStream {
  readonly isPipeline?: boolean;
}

/** The result of each command of a pipeline. */
export type PipelineResults = readonly (readonly [error: unknown, reply?: unknown])[];

/** A pipeline or a transaction. */
export interface RedisPipeline {
  readonly isPipeline: true;
  readonly _queue: readonly RedisCommand[];
  /** How many `multi` wait for their `exec`. */
  readonly _transactions: number;
  resolve(results: PipelineResults): void;
  reject(error: unknown): void;
  sendCommand(command: RedisCommand): unknown;
  exec(callback?: Callback): unknown;
}

/** A callback in Node's style. */
export type Callback = (...args: unknown[]) => unknown;
