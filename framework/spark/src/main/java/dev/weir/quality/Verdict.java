package dev.weir.quality;

import dev.weir.lineage.Fact;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What was found of a probe. */
record Verdict(Probe probe, Probe.Outcome outcome) {

  boolean passed() {
    return outcome.passed();
  }

  /** Whether it keeps the dataset from being accepted. */
  boolean halts() {
    return !passed() && probe.terms().severity() == Severity.ERROR;
  }

  @Nullable Long failedRows() {
    return outcome.failedRows();
  }

  /** The value against the expectation. */
  String sentence() {
    return probe.title() + ": " + outcome.observed() + "; " + outcome.expected();
  }

  Fact.Check fact(String subject) {
    return new Fact.Check(
        probe.name(),
        subject,
        probe.column(),
        passed(),
        outcome.rows(),
        outcome.failedRows(),
        outcome.observed(),
        outcome.expected(),
        probe.terms().severity().name().toLowerCase(Locale.ROOT),
        probe.terms().owner(),
        outcome.value(),
        new Fact.Basis(probe.expectation()));
  }
}
