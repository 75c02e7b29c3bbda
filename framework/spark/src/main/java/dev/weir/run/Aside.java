package dev.weir.run;

import dev.weir.pipeline.Outside;
import dev.weir.pipeline.OutsideReader;
import dev.weir.plan.Fingerprints;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a run needs besides the lineage, made ready in the background while that is read: where
 * nothing is left to do, a run is little more than this.
 */
final class Aside {
  private static final Executor THREADS =
      task -> {
        Thread thread = new Thread(task, "weir-aside");
        thread.setDaemon(true);
        thread.start();
      };

  private final CompletableFuture<Fingerprints> fingerprints;
  private final CompletableFuture<Configuration> hadoop;
  private final CompletableFuture<Map<String, String>> git;

  private Aside(
      CompletableFuture<Fingerprints> fingerprints,
      CompletableFuture<Configuration> hadoop,
      CompletableFuture<Map<String, String>> git) {
    this.fingerprints = fingerprints;
    this.hadoop = hadoop;
    this.git = git;
  }

  /**
   * Begins.
   *
   * @param hadoop Hadoop's properties
   * @param runs whether a run follows, for which git is asked
   */
  static Aside of(RunRequest request, Map<String, String> hadoop, boolean runs) {
    return new Aside(
        CompletableFuture.supplyAsync(
            () -> {
              Fingerprints fingerprints = new Fingerprints();
              fingerprints.classes(request.pipeline().stages());
              return fingerprints;
            },
            THREADS),
        CompletableFuture.supplyAsync(() -> configuration(request, hadoop), THREADS),
        runs
            ? CompletableFuture.supplyAsync(() -> RunEnvironment.git(request.project()), THREADS)
            : CompletableFuture.completedFuture(Map.of()));
  }

  private static Configuration configuration(RunRequest request, Map<String, String> hadoop) {
    Configuration configuration = new Configuration();
    hadoop.forEach(configuration::set);
    if (request.pipeline().stages().stream()
        .anyMatch(stage -> stage.stage() instanceof OutsideReader)) {
      try {
        // Opened once, kept by Hadoop.
        var unused =
            new Outside(request.project(), configuration).fileSystem(new Path(request.project()));
      } catch (IOException e) {
        // Whoever needs it meets the same error, and says what for.
        return configuration;
      }
    }
    return configuration;
  }

  /** What the code of all stages is known by. */
  Fingerprints fingerprints() {
    return await(fingerprints);
  }

  /** Hadoop's configuration. */
  Configuration hadoop() {
    return await(hadoop);
  }

  /** What git says of the project. */
  Map<String, String> git() {
    return await(git);
  }

  /** Begins something in the background. */
  static <T> CompletableFuture<T> begin(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, THREADS);
  }

  /** What was begun, or what it threw. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
