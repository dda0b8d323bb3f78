/** True where two types are one and the same, not only assignable. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `same<Actual, Expected>(true)` compiles where the two are the same type. */
export function same<Actual, Expected>(_isSame: Same<Actual, Expected>): void {}
