/** Beside the flags of a trace while its sampler may still decide; never sent. */
export const UNDECIDED = 0x100;

/** What is decided about a trace: one object for all of its spans in this process, so that what one changes all follow. */
export class SamplingState {
  /** Those that travel, and {@link UNDECIDED}. */
  flags: number;
  /** When the trace was forced, on the monotonic clock; 0 where it was not. */
  forcedAtMs = 0;

  constructor(flags: number) {
    this.flags = flags;
  }
}
