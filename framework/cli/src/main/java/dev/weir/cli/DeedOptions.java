package dev.weir.cli;

import dev.weir.lineage.Actor;
import dev.weir.lineage.Deeds;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say why something is done, and in whose name. */
final class DeedOptions {
  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is kept for good.")
  @Nullable String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "In whose name; kept as a claim. Who acts is WEIR_ACTOR, or the system's user.")
  @Nullable String by;

  /** Who acts. */
  Actor actor() {
    return Actor.of(System.getenv(), by);
  }

  /** Why; throws {@code no-reason} if that is not said. */
  String reason() {
    return Deeds.reason(reason);
  }
}
