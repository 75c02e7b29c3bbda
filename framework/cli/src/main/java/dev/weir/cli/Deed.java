package dev.weir.cli;

import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who does something that is kept with the lineage, and why. */
final class Deed {
  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is kept.")
  @Nullable String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "In whose name, if not in your own; it is kept beside yours, unchecked.")
  @Nullable String by;

  Actor by() {
    return Actor.of(System.getenv(), by);
  }

  /**
   * The reason; throws if none was given.
   *
   * @param what what is done, as the beginning of a sentence
   */
  String reason(String what) {
    String given = reason;
    if (given == null || given.isBlank()) {
      throw WeirException.user(
          "no-reason", what + " for a reason, which is kept.", "Say it with --reason TEXT.");
    }
    return given.strip();
  }
}
