package dev.weir.run;

import dev.weir.lineage.Fact.Snapshot;
import dev.weir.pipeline.Pipeline;
import dev.weir.session.SparkSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the runner.
 *
 * @param run the run's id, from {@link RunIds}
 * @param home where datasets, models and lineage live
 * @param project the folder that relative paths resolve against
 * @param spark how Spark is started, if a stage needs it
 * @param modelClasses classes and packages that the models read may name besides MLlib's
 * @param parallelism how many stages run side by side at most
 * @param leaseLength how long the pipeline's lease is good without a sign of life
 * @param environment facts about where the run was asked for, by name; the runner adds its own
 * @param log Spark's log file, or null when it logs elsewhere
 * @param selection which stages are asked for
 * @param resumes the run that is to go on, or null for a new one; a new one goes on with one that
 *     was interrupted if it would do the same
 * @param given the datasets and models that the pipeline reads and does not make, or null for what
 *     the home holds when the run begins
 */
public record RunRequest(
    String run,
    Pipeline pipeline,
    URI home,
    URI project,
    SparkSettings spark,
    List<String> modelClasses,
    int parallelism,
    Duration leaseLength,
    Map<String, String> environment,
    @Nullable String log,
    Selection selection,
    @Nullable String resumes,
    @Nullable Snapshot given) {
  /** How many stages run side by side unless said otherwise: one for each core, two at least. */
  public static final int DEFAULT_PARALLELISM =
      Math.max(2, Runtime.getRuntime().availableProcessors());

  /** The lease's length unless said otherwise. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(15);

  public RunRequest {
    Objects.requireNonNull(run);
    Objects.requireNonNull(pipeline);
    if (parallelism < 1) {
      throw new IllegalArgumentException("parallelism is 1 or more, not " + parallelism);
    }
    modelClasses = List.copyOf(modelClasses);
    Objects.requireNonNull(selection);
    environment = Map.copyOf(environment);
  }

  /** A request for what the home holds. */
  public RunRequest(
      String run,
      Pipeline pipeline,
      URI home,
      URI project,
      SparkSettings spark,
      List<String> modelClasses,
      int parallelism,
      Duration leaseLength,
      Map<String, String> environment,
      @Nullable String log,
      Selection selection,
      @Nullable String resumes) {
    this(
        run,
        pipeline,
        home,
        project,
        spark,
        modelClasses,
        parallelism,
        leaseLength,
        environment,
        log,
        selection,
        resumes,
        null);
  }

  /** The same request for other stages. */
  public RunRequest with(Selection other) {
    return copy(other, resumes, given);
  }

  /** The same request to go on with a run. */
  public RunRequest resuming(String earlier) {
    return copy(selection, earlier, given);
  }

  /**
   * The same request for datasets and models of whatever home. Of models, the files are read here.
   */
  public RunRequest reading(Snapshot snapshot) {
    return copy(selection, resumes, snapshot);
  }

  private RunRequest copy(Selection other, @Nullable String earlier, @Nullable Snapshot snapshot) {
    return new RunRequest(
        run,
        pipeline,
        home,
        project,
        spark,
        modelClasses,
        parallelism,
        leaseLength,
        environment,
        log,
        other,
        earlier,
        snapshot);
  }

  /** A request with the defaults. */
  public static RunRequest of(Pipeline pipeline, URI home, URI project, SparkSettings spark) {
    return new RunRequest(
        RunIds.next(),
        pipeline,
        home,
        project,
        spark,
        List.of(),
        DEFAULT_PARALLELISM,
        DEFAULT_LEASE,
        Map.of(),
        null,
        Selection.ALL,
        null);
  }
}
