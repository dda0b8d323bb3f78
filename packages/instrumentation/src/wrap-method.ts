/**
 * Replaces a method by what `wrap` makes of it, its name and number of parameters kept, and returns what undoes it. Where
 * somebody has wrapped it once more meanwhile, theirs stays, and ours below it: a wrapper must be able to stand aside.
 */
export function wrapMethod<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  wrap: (original: Target[Name]) => Target[Name],
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  const original = target[name] as CallableFunction;
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
  return () => {
    if (target[name] !== wrapped) return;
    if (own === undefined) delete target[name];
    else Object.defineProperty(target, name, own);
  };
}
