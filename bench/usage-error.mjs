/** Something on the command line that cannot be meant: printed with the usage, exit code 2. */
export class UsageError extends Error {}

/** The whole number of an option, at least `least`. */
export function count(values, option, least = 1) {
  const number = Number(values[option]);
  if (Number.isInteger(number) && number >= least) return number;
  throw new UsageError(
    `--${option}: expected a whole number from ${least} on, got "${values[option]}".`,
  );
}

/** The one of `known` that an option names. */
export function oneOf(option, value, known) {
  if (known.includes(value)) return value;
  throw new UsageError(`--${option}: unknown "${value}". There are: ${known.join(', ')}.`);
}
