import { activeSpan } from '@spoor/core';

/** Leaves a tag on the span that is active here, so that a test can see whose span it is. */
export function seenBy(part: string): void {
  activeSpan()?.setTag(`seen.by.${part}`, true);
}
