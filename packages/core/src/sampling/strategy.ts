import type { LateSampler } from './late-sampler.js';
import {
  PerOperationSampler,
  type PerOperationSamplerOptions,
  type PerOperationStrategies,
} from './per-operation-sampler.js';
import { ProbabilisticSampler } from './probabilistic-sampler.js';
import { RateLimitingSampler } from './rate-limiting-sampler.js';
import type { Sampler } from './sampler.js';

/** What a server that leaves them out means. @see jaeger-client-python constants.py */
const defaultProbability = 0.001;
const defaultLowerBound = 1 / 600;

/** A strategy that no sampler can be made of. */
export class UnknownStrategy extends Error {}

/** The sampler that a strategy asks for: the current one, changed in place, or another. */
export interface Update {
  readonly sampler: Sampler | LateSampler;
  readonly isChanged: boolean;
}

/**
 * Follows the answer of a sampling server. `strategyType` is not looked at: servers write it as a word or as a number, and
 * which of the strategies is there says it all. `operationSampling` wins over the others.
 *
 * @throws UnknownStrategy and has changed nothing then
 * @see jaeger-idl sampling.thrift
 */
export function followStrategy(
  strategy: unknown,
  current: Sampler | LateSampler,
  options: PerOperationSamplerOptions,
): Update {
  const { operationSampling, probabilisticSampling, rateLimitingSampling } = objectOf(strategy);
  if (isGiven(operationSampling)) {
    const strategies = perOperation(objectOf(operationSampling));
    return current instanceof PerOperationSampler
      ? { sampler: current, isChanged: current.update(strategies) }
      : { sampler: new PerOperationSampler(strategies, options), isChanged: true };
  }
  if (isGiven(probabilisticSampling)) {
    const rate = rateOf(objectOf(probabilisticSampling).samplingRate, 'samplingRate');
    return current instanceof ProbabilisticSampler
      ? { sampler: current, isChanged: current.update(rate) }
      : { sampler: new ProbabilisticSampler(rate), isChanged: true };
  }
  if (isGiven(rateLimitingSampling)) {
    const { maxTracesPerSecond } = objectOf(rateLimitingSampling);
    const rate = numberOf(maxTracesPerSecond, 'maxTracesPerSecond');
    return current instanceof RateLimitingSampler
      ? { sampler: current, isChanged: current.update(rate) }
      : { sampler: new RateLimitingSampler(rate), isChanged: true };
  }
  throw new UnknownStrategy('it holds no strategy');
}

function perOperation(strategies: Record<string, unknown>): PerOperationStrategies {
  const { defaultSamplingProbability, defaultLowerBoundTracesPerSecond, perOperationStrategies } =
    strategies;
  const list = isGiven(perOperationStrategies) ? perOperationStrategies : [];
  if (!Array.isArray(list)) throw new UnknownStrategy('perOperationStrategies is no list');
  return {
    defaultSamplingProbability: rateOf(
      defaultSamplingProbability ?? defaultProbability,
      'defaultSamplingProbability',
    ),
    defaultLowerBoundTracesPerSecond: numberOf(
      defaultLowerBoundTracesPerSecond ?? defaultLowerBound,
      'defaultLowerBoundTracesPerSecond',
    ),
    perOperationStrategies: list.map((entry: unknown) => {
      const { operation, probabilisticSampling } = objectOf(entry);
      if (typeof operation !== 'string') throw new UnknownStrategy('an operation has no name');
      const { samplingRate } = objectOf(probabilisticSampling);
      return { operation, samplingRate: rateOf(samplingRate, 'samplingRate') };
    }),
  };
}

/** Servers may write `null` for what is not there. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new UnknownStrategy('it holds no strategy');
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new UnknownStrategy(`${name} is ${JSON.stringify(value)}`);
}

/** Checked before anything is changed, so that a bad strategy changes nothing. */
function rateOf(value: unknown, name: string): number {
  const rate = numberOf(value, name);
  if (rate <= 1) return rate;
  throw new UnknownStrategy(`${name} is ${rate}`);
}
