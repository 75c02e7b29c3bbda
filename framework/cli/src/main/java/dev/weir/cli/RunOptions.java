package dev.weir.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a run is made, and shown. */
final class RunOptions {
  @Option(
      names = "--parallel",
      paramLabel = "N",
      converter = AtLeastOne.class,
      description = "How many stages run side by side; one for each core unless set.")
  @Nullable Integer parallel;

  @Option(
      names = "--json",
      description = "One JSON object an event; the last has \"event\":\"run.finished\".")
  boolean json;
}
