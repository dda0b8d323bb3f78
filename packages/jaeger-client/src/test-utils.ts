import type { Span } from './span.js';

/** For tests of applications, with spans of an `InMemoryReporter`. */
// biome-ignore lint/complexity/noStaticOnlyClass: as jaeger-client has it
export class TestUtils {
  /** True when the span has all of these tags, with these values; of tags with one key the last counts. */
  static hasTags(
    span: Pick<Span, '_tags'>,
    expectedTags: Readonly<Record<string, unknown>>,
  ): boolean {
    const tags = new Map(span._tags.map(({ key, value }) => [key, value]));
    return Object.entries(expectedTags).every(
      ([key, value]) => tags.has(key) && tags.get(key) === value,
    );
  }

  /** The tags as an object, or of them those with one of `keys`; of tags with one key the last. */
  static getTags(span: Pick<Span, '_tags'>, keys?: readonly string[]): Record<string, unknown> {
    const tags = span._tags.filter(({ key }) => keys === undefined || keys.includes(key));
    return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  }
}
