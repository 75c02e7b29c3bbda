package dev.weir.config;

import dev.weir.error.WeirException;
import java.util.ArrayList;
import java.util.List;

/** Collects the faults of a configuration, so that all are reported at once. */
public final class Problems {
  private final List<String> messages = new ArrayList<>();

  /** Notes a fault at a place of a file. */
  public void add(Location at, String message) {
    messages.add(at + ": " + message);
  }

  /** Notes a fault that has no place in a file. */
  public void add(String message) {
    messages.add(message);
  }

  /** What was found so far, in the order of finding. */
  public List<String> messages() {
    return List.copyOf(messages);
  }

  /** True while nothing was found. */
  public boolean isEmpty() {
    return messages.isEmpty();
  }

  /**
   * Throws one user error that lists everything found, if anything was.
   *
   * @param subject what is wrong, such as {@code the pipeline 'credit'}
   */
  public void throwIfAny(String subject) {
    if (messages.isEmpty()) {
      return;
    }
    throw WeirException.user(
        "invalid-configuration",
        "%d fault%s in %s:%n  %s"
            .formatted(
                messages.size(),
                messages.size() == 1 ? "" : "s",
                subject,
                String.join(System.lineSeparator() + "  ", messages)),
        "");
  }
}
