import { SAMPLER_PARAM_TAG, SAMPLER_TYPE_TAG } from '../constants.js';
import type { TagList } from '../tags.js';
import type { Sampler } from './sampler.js';

/** Keeps every trace, or none. */
export class ConstSampler implements Sampler {
  readonly tags: Readonly<TagList>;
  readonly #decision: boolean;

  constructor(decision: boolean) {
    this.#decision = decision;
    this.tags = [SAMPLER_TYPE_TAG, 'const', SAMPLER_PARAM_TAG, decision];
  }

  isSampled(): boolean {
    return this.#decision;
  }

  toString(): string {
    return `ConstSampler(${this.#decision ? 'always' : 'never'})`;
  }
}
