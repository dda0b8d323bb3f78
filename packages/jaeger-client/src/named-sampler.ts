import { SAMPLER_API_V2 } from './adapt-sampler.js';

let instanceCount = 0;

/** What all samplers of this package have in common. */
export abstract class NamedSampler {
  readonly apiVersion: string = SAMPLER_API_V2;
  readonly #number = instanceCount++;

  abstract name(): string;

  /** For samplers that keep something about a trace: no two of a process have the same. */
  uniqueName(): string {
    return `${this.name()}[${this.#number}]`;
  }
}
