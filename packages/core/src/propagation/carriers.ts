// Hot path: runs for every request. Measure before and after (bench/).

import { type FaultLog, messageOf } from '../logger.js';
import type { Metrics } from '../metrics/metrics.js';
import * as opentracing from '../opentracing.js';
import type { Parent, SpanContext } from '../span-context.js';
import { extractBinary, injectBinary } from './binary-codec.js';
import type { Propagation, RequestHeaders } from './propagation.js';

/** Writes contexts into and reads them from whatever users give as a carrier, in the formats of OpenTracing. Never throws. */
export class Carriers {
  readonly #propagation: Propagation;
  readonly #metrics: Metrics;
  readonly #faults: FaultLog;

  constructor(propagation: Propagation, metrics: Metrics, faults: FaultLog) {
    this.#propagation = propagation;
    this.#metrics = metrics;
    this.#faults = faults;
  }

  inject(context: Parent, format: string, carrier: unknown): void {
    if (typeof carrier !== 'object' || carrier === null) return;
    try {
      if (format === opentracing.FORMAT_BINARY) {
        injectBinary(context, carrier);
      } else if (isTextFormat(format)) {
        const isHttp = format === opentracing.FORMAT_HTTP_HEADERS;
        this.#propagation.inject(context, carrier as Record<string, unknown>, isHttp);
      } else {
        this.#reportUnknownFormat(format);
      }
    } catch (error) {
      this.#faults.report('inject', `the carrier cannot be written to: ${messageOf(error)}.`);
    }
  }

  extract(format: string, carrier: unknown): SpanContext | undefined {
    if (typeof carrier !== 'object' || carrier === null) return undefined;
    try {
      if (format === opentracing.FORMAT_BINARY) return extractBinary(carrier, this.#metrics);
      if (isTextFormat(format)) {
        const isHttp = format === opentracing.FORMAT_HTTP_HEADERS;
        return this.#propagation.extractFromCarrier(carrier, isHttp, this.#metrics);
      }
      this.#reportUnknownFormat(format);
    } catch (error) {
      this.#reportUnreadable(error);
    }
    return undefined;
  }

  extractRequest(headers: RequestHeaders, rawHeaders: readonly string[]): SpanContext | undefined {
    try {
      return this.#propagation.extractFromRequest(headers, rawHeaders, this.#metrics);
    } catch (error) {
      this.#reportUnreadable(error);
      return undefined;
    }
  }

  isBaggageHeader(name: string): boolean {
    return this.#propagation.isBaggageHeader(name);
  }

  #reportUnreadable(error: unknown): void {
    this.#metrics.malformedContext();
    this.#faults.report('extract', `the carrier cannot be read: ${messageOf(error)}.`);
  }

  #reportUnknownFormat(format: string): void {
    this.#faults.report(
      'format',
      `unknown carrier format "${String(format)}". Write opentracing.FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP or FORMAT_BINARY.`,
    );
  }
}

function isTextFormat(format: string): boolean {
  return format === opentracing.FORMAT_HTTP_HEADERS || format === opentracing.FORMAT_TEXT_MAP;
}
