import { b3Codec, b3SingleCodec } from '../propagation/b3-codec.js';
import type { Codec } from '../propagation/codec.js';
import type { HeaderNames } from '../propagation/header-names.js';
import { createJaegerBaggage } from '../propagation/jaeger-baggage.js';
import { createJaegerCodec } from '../propagation/jaeger-codec.js';
import { Propagation } from '../propagation/propagation.js';
import { w3cBaggage } from '../propagation/w3c-baggage.js';
import { w3cCodec } from '../propagation/w3c-codec.js';
import { type Kind, listOf, oneOf } from './kinds.js';
import { refuseUnknownOptions } from './unknown-options.js';

/**
 * What can be written into `propagation`. `jaeger` is `uber-trace-id` and `uberctx-*`; `w3c` is `traceparent`, `tracestate`
 * and `baggage`, and `tracecontext` and `baggage` are its halves. `b3` writes the `x-b3-*` headers, as the Jaeger clients
 * did, and `b3single` the header `b3`; both read either.
 */
export type PropagationFormat = 'jaeger' | 'w3c' | 'b3' | 'b3single' | 'tracecontext' | 'baggage';

/** Formats to read and formats to write, where they differ. */
export interface PropagationConfig {
  /** The first that a request has is read. @default ['jaeger', 'w3c'] */
  extract?: PropagationFormat | readonly PropagationFormat[] | undefined;
  /** All are written. @default ['jaeger', 'w3c'] */
  inject?: PropagationFormat | readonly PropagationFormat[] | undefined;
}

export interface PropagationSettings {
  readonly extract: readonly PropagationFormat[];
  readonly inject: readonly PropagationFormat[];
}

const formats: Kind<readonly PropagationFormat[]> = listOf(
  oneOf('format', ['jaeger', 'w3c', 'b3', 'b3single', 'tracecontext', 'baggage']),
);

/** `OTEL_PROPAGATORS` has names of its own, and `b3` is another there. */
const otelPropagators = {
  tracecontext: 'tracecontext',
  baggage: 'baggage',
  b3: 'b3single',
  b3multi: 'b3',
  jaeger: 'jaeger',
  none: undefined,
} as const satisfies Record<string, PropagationFormat | undefined>;

const otelNames: Kind<readonly (keyof typeof otelPropagators)[]> = listOf(
  oneOf('propagator', Object.keys(otelPropagators) as (keyof typeof otelPropagators)[]),
);

const defaultFormats: readonly PropagationFormat[] = ['jaeger', 'w3c'];

export const defaultPropagation: PropagationSettings = {
  extract: defaultFormats,
  inject: defaultFormats,
};

/** One list for both ways, or one for each. */
export const propagation: Kind<PropagationSettings> = {
  takes: formats.takes,
  fromCode(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return bothWays(formats.fromCode(value));
    }
    refuseUnknownOptions('propagation', value, ['extract', 'inject']);
    const { extract, inject } = value as PropagationConfig;
    return {
      extract: extract === undefined ? defaultFormats : formats.fromCode(extract),
      inject: inject === undefined ? defaultFormats : formats.fromCode(inject),
    };
  },
  fromText: (text, warn) => bothWays(formats.fromText(text, warn)),
};

/** What `OTEL_PROPAGATORS` means by its names. */
export const otelPropagation: Kind<PropagationSettings> = {
  ...propagation,
  fromCode: (value) =>
    bothWays(otelNames.fromCode(value).flatMap((name) => otelPropagators[name] ?? [])),
};

function bothWays(list: readonly PropagationFormat[]): PropagationSettings {
  return { extract: list, inject: list };
}

export function buildPropagation(
  { extract, inject }: PropagationSettings,
  names: HeaderNames,
): Propagation {
  const jaegerBaggage = createJaegerBaggage(names);
  const codecs: Record<PropagationFormat, Codec> = {
    jaeger: { ...createJaegerCodec(names), baggage: jaegerBaggage },
    w3c: w3cCodec,
    b3: { ...b3Codec, baggage: jaegerBaggage },
    b3single: { ...b3SingleCodec, baggage: jaegerBaggage },
    tracecontext: { ...w3cCodec, name: 'tracecontext', baggage: undefined },
    baggage: { name: 'baggage', baggage: w3cBaggage, inject() {}, extract: () => undefined },
  };
  const codecsOf = (list: readonly PropagationFormat[]): Codec[] =>
    [...new Set(list)].map((format) => codecs[format]);
  return new Propagation(codecsOf(extract), codecsOf(inject), names);
}
