package dev.weir.cli;

import dev.weir.run.Selection;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which stages are asked for. */
final class Choice {
  @Option(
      names = "--fresh",
      description = "Make new versions of everything, whatever was made before.")
  boolean fresh;

  @Option(
      names = "--from",
      paramLabel = "STAGE",
      description = "Run this stage and all that follow it; what they read is taken as it is.")
  @Nullable String from;

  @Option(
      names = "--only",
      paramLabel = "STAGE",
      description = "Run this stage alone; what it reads is taken as it is.")
  @Nullable String only;

  Selection selection() {
    return new Selection(fresh, from, only);
  }
}
