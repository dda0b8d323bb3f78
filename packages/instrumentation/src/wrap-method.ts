type Undo = () => void;

/** What {@link allOrNothing} has wrapped so far. */
let made: Undo[] | undefined;

/**
 * Replaces a method by what `wrap` makes of it, its name and number of parameters kept, and returns what undoes it. Where
 * somebody has wrapped it once more meanwhile, theirs stays, and ours below it: a wrapper must be able to stand aside.
 *
 * @throws TypeError where there is no such method: a patch that does is reported, and its library left as it is
 */
export function wrapMethod<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  wrap: (original: Target[Name]) => Target[Name],
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = target[name];
  if (typeof original !== 'function') throw new TypeError(missing(target, name));
  const wrapped = wrap(target[name]);
  Object.defineProperties(wrapped, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
  });
  Object.defineProperty(target, name, {
    value: wrapped,
    writable: true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  });
  const undo = (): void => {
    if (target[name] !== wrapped) return;
    if (own === undefined) delete target[name];
    else Object.defineProperty(target, name, own);
  };
  made?.push(undo);
  return undo;
}

/** Runs `patch`; should it throw, nothing of what it has wrapped stays. */
export function allOrNothing(patch: () => readonly Undo[]): readonly Undo[] {
  const before = made;
  const own: Undo[] = [];
  made = own;
  try {
    return patch();
  } catch (error) {
    for (const undo of own.reverse()) undo();
    throw error;
  } finally {
    made = before;
  }
}

function missing(target: object, name: PropertyKey): string {
  const owner = (target as { constructor?: { name?: unknown } }).constructor?.name;
  return `not supported: ${String(owner ?? 'the library')} has no method "${String(name)}"`;
}
