package dev.weir.run;

import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The files that a pipeline's last run read from outside of Weir, which need no second reading. */
final class KnownFiles {
  /**
   * A file that was written within this time before it was read may have been written once more
   * within the same tick of its file system's clock.
   */
  private static final Duration TICK = Duration.ofSeconds(3);

  private KnownFiles() {}

  /** The files as they were, by path. */
  static Map<String, Fact.OutsideFile> of(LineageReader lineage, String pipeline) {
    Map<String, Fact.OutsideFile> known = new HashMap<>();
    lineage
        .lastRun(pipeline)
        .flatMap(lineage::start)
        .ifPresent(
            started ->
                started
                    .snapshot()
                    .sources()
                    .values()
                    .forEach(
                        files ->
                            files.stream()
                                .filter(
                                    file ->
                                        file.modified() + TICK.toMillis()
                                            < started.at().toEpochMilli())
                                .forEach(file -> known.put(file.path(), file))));
    return known;
  }
}
