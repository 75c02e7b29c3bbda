package dev.weir.quality;

import dev.weir.lineage.Fact;

/**
 * What was found of a profile that is held against others.
 *
 * @param look a query of the lineage that shows what it was held against
 */
record Finding(Fact.Check fact, String look) {
  /** The value against the expectation. */
  String sentence() {
    return "%s%s: %s; %s"
        .formatted(
            fact.name(),
            fact.column() == null ? "" : " " + fact.column(),
            fact.observed(),
            fact.expected());
  }
}
