const unshowable = '[value that cannot be shown]';

/**
 * The text for a tag value that has no type of its own on the wire: JSON for objects, what `String()` says for the
 * rest. Never throws, whatever getters, proxies and cycles the value has.
 */
export function tagValueToText(value: unknown): string {
  try {
    if (value instanceof Error) {
      // What Error.prepareStackTrace returns is anything.
      return typeof value.stack === 'string' ? value.stack : String(value);
    }
    return typeof value === 'object' && value !== null ? objectToText(value) : String(value);
  } catch {
    return unshowable;
  }
}

function objectToText(value: object): string {
  try {
    return JSON.stringify(value, replacer()) ?? String(value);
  } catch {
    return toJsonByProperty(value);
  }
}

/** An object whose getter throws: the properties of which that is not true, as they are. */
function toJsonByProperty(holder: object): string {
  const properties = Object.keys(holder).map((key) => {
    const shown = propertyToJson(holder as Record<string, unknown>, key);
    return Array.isArray(holder) ? shown : `${JSON.stringify(key)}:${shown}`;
  });
  return Array.isArray(holder) ? `[${properties}]` : `{${properties}}`;
}

function propertyToJson(holder: Record<string, unknown>, key: string): string {
  try {
    return JSON.stringify(holder[key], replacer()) ?? 'null';
  } catch {
    return JSON.stringify(unshowable);
  }
}

/** Writes a cycle as `[circular]`, and a bigint, which JSON refuses, as a string. */
function replacer(): (this: unknown, key: string, value: unknown) => unknown {
  const ancestors: unknown[] = [];
  return function replace(this: unknown, _key: string, value: unknown): unknown {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    // `this` is the object that holds `value`: what lies behind it on the stack is no ancestor any more.
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(value)) return '[circular]';
    ancestors.push(value);
    return value;
  };
}
