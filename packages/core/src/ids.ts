// Hot path: runs for every span. Measure before and after (bench/).
import { randomBytes } from './random-bytes.js';

/**
 * A fast generator of 32-bit words for ids: sfc32, seeded by the system once per process and thread.
 * Ids must be unlikely to collide; they are no secrets.
 *
 * @see Chris Doty-Humphrey, PractRand, "sfc32"
 */
export class IdGenerator {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor() {
    const [a = 0, b = 0, c = 0] = new Int32Array(randomBytes(12).buffer);
    this.#a = a;
    this.#b = b;
    this.#c = c;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** The next 32 random bits, as a signed integer: V8 keeps those without an allocation. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result;
  }
}
