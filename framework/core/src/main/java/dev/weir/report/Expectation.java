package dev.weir.report;

import dev.weir.lineage.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A check, and what was found of it over time.
 *
 * @param results what was found each time, the oldest first; empty where it was not asked
 * @param trouble when it failed last, or null if it never has
 */
public record Expectation(List<Optional<Fact.Check>> results, @Nullable Trouble trouble) {
  public Expectation {
    results = List.copyOf(results);
    if (results.isEmpty() || results.get(results.size() - 1).isEmpty()) {
      throw new IllegalArgumentException("An expectation is one that was asked last");
    }
  }

  /**
   * A time during which it failed.
   *
   * @param first where it failed first
   * @param found what was found there
   * @param over where it held again, or null if it still fails
   */
  public record Trouble(Inspection first, Fact.Check found, @Nullable Inspection over) {}

  /** Checks are the same by name and column; of several such, the first is the first again. */
  private record Identity(String name, @Nullable String column, int number) {}

  /** What was found last. */
  public Fact.Check last() {
    return results.get(results.size() - 1).orElseThrow();
  }

  /** The check with its column. */
  public String title() {
    Fact.Check last = last();
    return last.column() == null ? last.name() : last.name() + " " + last.column();
  }

  /** The expectations of the last of some inspections, in its order. */
  static List<Expectation> of(List<Inspection> inspections) {
    List<Map<Identity, Fact.Check>> found = inspections.stream().map(Expectation::found).toList();
    List<Expectation> expectations = new ArrayList<>();
    Inspection last = inspections.get(inspections.size() - 1);
    for (Identity identity : identities(last)) {
      List<Optional<Fact.Check>> results =
          found.stream().map(each -> Optional.ofNullable(each.get(identity))).toList();
      expectations.add(new Expectation(results, trouble(inspections, results)));
    }
    return expectations;
  }

  /** The same, with no more than the last results. */
  Expectation last(int most) {
    return new Expectation(
        results.subList(Math.max(0, results.size() - most), results.size()), trouble);
  }

  private static @Nullable Trouble trouble(
      List<Inspection> inspections, List<Optional<Fact.Check>> results) {
    Trouble trouble = null;
    for (int i = 0; i < results.size(); i++) {
      Fact.Check result = results.get(i).orElse(null);
      boolean over = trouble == null || trouble.over() != null;
      if (result == null) {
        continue;
      }
      if (!result.passed() && over) {
        trouble = new Trouble(inspections.get(i), result, null);
      } else if (result.passed() && !over) {
        trouble =
            new Trouble(
                Objects.requireNonNull(trouble).first(), trouble.found(), inspections.get(i));
      }
    }
    return trouble;
  }

  private static List<Identity> identities(Inspection inspection) {
    List<Identity> identities = new ArrayList<>();
    Map<List<String>, Integer> numbers = new HashMap<>();
    for (Fact.Check check : inspection.checks()) {
      int number =
          numbers.merge(
              List.of(check.name(), Objects.requireNonNullElse(check.column(), "")),
              1,
              Integer::sum);
      identities.add(new Identity(check.name(), check.column(), number));
    }
    return identities;
  }

  private static Map<Identity, Fact.Check> found(Inspection inspection) {
    Map<Identity, Fact.Check> found = new HashMap<>();
    List<Identity> identities = identities(inspection);
    for (int i = 0; i < identities.size(); i++) {
      found.put(identities.get(i), inspection.checks().get(i));
    }
    return found;
  }
}
