const brand = Symbol.for('spoor.error');

/** What went wrong, for programs. Messages are for people and may change; codes do not. */
export type SpoorErrorCode = 'SPOOR_CONFIG';

/**
 * Every error that Spoor throws. Thrown at set-up only (until `initTracer` and the like have
 * returned).
 *
 * `instanceof` also recognises errors of another installed copy of this package.
 */
export class SpoorError extends Error {
  readonly code: SpoorErrorCode;

  constructor(code: SpoorErrorCode, message: string) {
    super(message);
    this.name = 'SpoorError';
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
