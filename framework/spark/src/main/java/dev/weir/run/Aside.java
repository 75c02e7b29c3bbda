package dev.weir.run;

import dev.weir.background.Background;
import dev.weir.plan.Fingerprints;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What a run needs besides the lineage: made ready in the background while that is read, or once it
 * is asked for where most runs do without. Where nothing is left to do, a run is little more than
 * this.
 */
final class Aside {
  private final Map<String, String> properties;
  private final CompletableFuture<Fingerprints> fingerprints;
  private final CompletableFuture<Map<String, String>> git;
  private @Nullable Configuration hadoop;

  /**
   * Begins.
   *
   * @param properties Hadoop's
   * @param runs whether a run follows, for which git is asked
   */
  Aside(RunRequest request, Map<String, String> properties, boolean runs) {
    this.properties = properties;
    this.fingerprints =
        begin(
            () -> {
              Fingerprints fingerprints = new Fingerprints();
              fingerprints.classes(request.pipeline().stages());
              return fingerprints;
            });
    this.git =
        runs
            ? begin(() -> RunEnvironment.git(request.project()))
            : CompletableFuture.completedFuture(Map.of());
  }

  /** What the code of all stages is known by. */
  Fingerprints fingerprints() {
    return Background.await(fingerprints);
  }

  /** Hadoop's configuration, read once it is asked for. */
  synchronized Configuration hadoop() {
    if (hadoop == null) {
      hadoop = new Configuration();
      properties.forEach(hadoop::set);
    }
    return hadoop;
  }

  /** What git says of the project. */
  Map<String, String> git() {
    return Background.await(git);
  }

  /** Begins something in the background. */
  static <T> CompletableFuture<T> begin(Supplier<T> work) {
    return Background.begin("weir-aside", work);
  }
}
