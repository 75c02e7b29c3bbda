package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;

import dev.weir.feature.Sql;
import dev.weir.pipeline.Pipeline;
import dev.weir.quality.Bound;
import dev.weir.quality.Check;
import dev.weir.quality.Rows;
import dev.weir.quality.Validate;
import dev.weir.session.SparkSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A process that runs a pipeline whose gate puts rows aside, to be killed on the way. */
final class QuarantinedRun {
  private QuarantinedRun() {}

  /**
   * Twenty rows, of which a tenth have an income that is not positive; a gate that puts them aside;
   * and a stage behind it.
   *
   * @param times what the incomes are multiplied by
   */
  static Pipeline pipeline(int times) {
    return Pipeline.named("aside")
        .stage(
            "rows",
            new Sql(
                List.of(),
                to("t.raw"),
                Sql.statement(
                    "select id, cast(if(id %% 10 = 3, -id, id + 1) * %d as double) as income from range(20)"
                        .formatted(times))))
        .stage(
            "validate",
            new Validate(
                from("t.raw"),
                to("t.clean"),
                to("t.quarantine"),
                new Check.Range("income", Bound.of(0), null, false, Rows.quarantined(0.2)),
                Check.unique("id")))
        .stage("copy", new TestStages.Copy(from("t.clean"), to("t.copy")))
        .build();
  }

  static RunRequest request(URI home, SparkSettings settings) {
    return RunRequest.of(pipeline(1), home, home, settings);
  }

  /** Runs the pipeline in a home. */
  public static void main(String[] arguments) throws Exception {
    SignalledRun.run(request(Path.of(arguments[0]).toUri(), SignalledRun.settings()));
  }

  /** Starts the process, which is killed before a step, by the end of its file's name. */
  static Process start(Path home, String at) throws IOException, InterruptedException {
    return SignalledRun.start(
        home, Duration.ofSeconds(15), "KILL", at, ClassArchive.options(), QuarantinedRun.class);
  }
}
