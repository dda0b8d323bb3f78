import type { Counter, Gauge, Timer } from '@spoor/core';
import type opentracing from 'opentracing';
import type { Span, Tag } from './span.js';

/** Where the tracer writes what a person should read. */
export interface Logger {
  info(message: string): void;
  error(message: string): void;
}

/** Makes the counters that the tracer writes to. */
export interface MetricsFactory {
  createCounter(name: string, tags?: Record<string, string>): Counter;
  createGauge(name: string, tags?: Record<string, string>): Gauge;
  /** Never called. */
  createTimer?(name: string, tags?: Record<string, string>): Timer;
}

/** What happens to a finished span. */
export interface Reporter {
  /** Called at the finish of each sampled span. */
  report(span: Span): void;
  /** Calls back when everything is sent. */
  close(callback?: () => void): void;
  /** Called once, before the first span. */
  setProcess?(serviceName: string, tags: Tag[]): void;
}

/** Writes a context into a carrier. */
export interface Injector {
  // biome-ignore lint/suspicious/noExplicitAny: a carrier is what the format says
  inject(spanContext: opentracing.SpanContext, carrier: any): void;
}

/** Reads a context out of a carrier; null where there is none. */
export interface Extractor {
  // biome-ignore lint/suspicious/noExplicitAny: a carrier is what the format says
  extract(carrier: any): opentracing.SpanContext | null;
}

/** Allows that a trace is kept by `sampling.priority` or `jaeger-debug-id`. */
export interface Throttler {
  isAllowed(operation: string): boolean;
  setProcess?(process: { serviceName: string; tags: Tag[]; uuid: string }): void;
  close?(callback?: () => void): void;
}

/** What a sampler says when it is asked. */
export interface SamplingDecision {
  sample: boolean;
  /** False ends the asking for this trace. */
  retryable: boolean;
  tags?: Record<string, unknown> | null | undefined;
}

/** A sampler that decides once, by the name of the first span. */
export interface LegacySamplerV1 {
  name(): string;
  /** Puts its tags into `tags` when it says yes. */
  isSampled(operation: string, tags: Record<string, unknown>): boolean;
  close?(callback?: () => void): void;
}

/** A sampler that may decide late. */
export interface Sampler {
  readonly apiVersion: string;
  onCreateSpan(span: Span): SamplingDecision;
  onSetOperationName(span: Span, operationName: string): SamplingDecision;
  onSetTag(span: Span, key: string, value: unknown): SamplingDecision;
  close?(callback?: () => void): void;
}
