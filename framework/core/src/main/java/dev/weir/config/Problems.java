package dev.weir.config;

import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Collects the faults of a configuration, so that all are reported at once. */
public final class Problems {
  private final List<Fault> faults = new ArrayList<>();

  private record Fault(@Nullable Location at, String message) {
    @Override
    public String toString() {
      return at == null ? message : at + ": " + message;
    }
  }

  /** Notes a fault at a place of a file. */
  public void add(Location at, String message) {
    faults.add(new Fault(at, message));
  }

  /** Notes a fault that has no place in a file. */
  public void add(String message) {
    faults.add(new Fault(null, message));
  }

  /** What was found so far, in the order of finding. */
  public List<String> messages() {
    return faults.stream().map(Fault::toString).toList();
  }

  /** True while nothing was found. */
  public boolean isEmpty() {
    return faults.isEmpty();
  }

  /**
   * Throws one user error that lists everything found, if anything was.
   *
   * @param subject what is wrong, such as {@code the pipeline 'credit'}
   */
  public void throwIfAny(String subject) {
    throwIfAny("invalid-configuration", subject);
  }

  /** The same, with the error's stable name. */
  public void throwIfAny(String code, String subject) {
    if (faults.isEmpty()) {
      return;
    }
    // As a reader meets them in the file; what has no place comes last, in the order of finding.
    String list =
        faults.stream()
            .sorted(Comparator.comparing(Fault::at, Comparator.nullsLast(Location.ORDER)))
            .map(Fault::toString)
            .collect(Collectors.joining(System.lineSeparator() + "  "));
    throw WeirException.user(
        code,
        "%d fault%s in %s:%n  %s"
            .formatted(faults.size(), faults.size() == 1 ? "" : "s", subject, list),
        "");
  }
}
