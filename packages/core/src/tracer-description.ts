/** An effective value, and where it was written. */
export interface DescribedSetting {
  /** As it is in effect; `***` for a secret, null where there is none. */
  readonly value: unknown;
  /** `code`, the name of a variable, or `default`. */
  readonly from: string;
}

/** What a tracer is made of; fit for logs and for JSON. */
export interface TracerDescription {
  /** The service that its spans belong to. */
  readonly serviceName: string;
  /** Its class and what it decides by. */
  readonly sampler: string;
  /** With where it sends to. */
  readonly reporter: string;
  /** Every setting by its path in the configuration, such as `reporter.agentHost`. */
  readonly settings: Readonly<Record<string, DescribedSetting>>;
}

/** Parts of the user's own may have no text, or one that throws. */
export function nameOf(part: object): string {
  try {
    const text = String(part);
    return text === '[object Object]' ? part.constructor.name : text;
  } catch {
    return 'a part that cannot be shown';
  }
}
