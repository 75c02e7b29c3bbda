package dev.weir.run;

import static dev.weir.ingest.Files.csv;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.artifact.DatasetName;
import dev.weir.feature.Sql;
import dev.weir.ingest.Ingest;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Published;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Cache;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Retry;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run reads what was there when it began, and a home survives the loss of its lineage. */
class SnapshotTest {
  private static final Retry TWICE = new Retry(2, Duration.ofMillis(1), Duration.ofMillis(1));

  /** Of the bytes of {@code id}, a line feed, {@code 1} and a line feed. */
  private static final String SHA =
      "7cde7fb64fd82bd152710cf238e017b9ab46c0592483edc067ba4f6c75fac108";

  @TempDir Path folder;

  private final List<RunEvent> events = new ArrayList<>();

  @BeforeAll
  static void spark() {
    TestSpark.session();
  }

  /** Puts text into a file, as a delivery that arrives while the run is under way. */
  record Deliver(String file, String text) implements Stage {
    @Override
    public void run(StageContext context) throws IOException {
      Files.writeString(Path.of(URI.create(file)), text);
    }
  }

  private RunResult run(Pipeline pipeline) throws InterruptedException {
    try (Runner runner =
        Runner.open(
            RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare()),
            events::add)) {
      return runner.start().await();
    }
  }

  private String file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    return file.toUri().toString();
  }

  @Test
  void aSourceThatChangesAfterTheRunBeganIsAnErrorAndNotTriedAgain() throws Exception {
    String file = file("a.csv", "id\n1\n");

    RunResult result =
        run(
            Pipeline.named("changing")
                .stage("deliver", new Deliver(file, "id\n1\n2\n"))
                .stage("ingest", new Ingest(csv("a.csv"), to("t.raw")))
                .after("deliver")
                .retry(TWICE)
                .build());

    assertThat(result.state()).isEqualTo(RunState.FAILED);
    assertThat(result.error())
        .isNotNull()
        .satisfies(
            error -> {
              assertThat(error.code()).isEqualTo("source-changed");
              assertThat(error.message())
                  .isEqualTo(
                      "The source has changed since the run began: %s had 5 bytes and has 7. Nothing of it was published. Run again when the delivery is complete."
                          .formatted(folder.resolve("a.csv")));
            });
    assertThat(events).noneMatch(RunEvent.StageRetried.class::isInstance);
    try (Home home = Home.open(folder)) {
      assertThat(Published.of(home).dataset(DatasetName.parse("t.raw"), null)).isEmpty();
    }
  }

  @Test
  void aQueryThatChangesAfterTheRunBeganIsAnError() throws Exception {
    String file = file("q.sql", "select 1 as one");

    RunResult result =
        run(
            Pipeline.named("query")
                .stage("deliver", new Deliver(file, "select 2 as two"))
                .stage("sql", new Sql(List.of(), to("t.query"), Sql.file("q.sql")))
                .after("deliver")
                .build());

    assertThat(result.error())
        .isNotNull()
        .extracting(Fact.Failure::message)
        .isEqualTo(
            "The source has changed since the run began: %s was written again. Nothing of it was published. Run again when the delivery is complete."
                .formatted(folder.resolve("q.sql")));
  }

  @Test
  void theRunsFirstFactHoldsWhatItReadsAndASourceThatIsNotThereFailsItsStage() throws Exception {
    file("a.csv", "id\n1\n");

    RunResult result =
        run(
            Pipeline.named("pinned")
                .stage("there", new Ingest(csv("a.csv"), to("t.there")))
                .stage("nowhere", new Ingest(csv("b.csv"), to("t.nowhere")))
                .stage("after", new TestStages.Copy(from("t.nowhere"), to("t.after")))
                .build());

    assertThat(result.state()).isEqualTo(RunState.FAILED);
    assertThat(result.error())
        .isNotNull()
        .extracting(Fact.Failure::message)
        .asString()
        .startsWith("There is no 'b.csv': looked for " + folder.resolve("b.csv"));
    try (Home home = Home.open(folder)) {
      Events facts = Events.existing(home).orElseThrow();
      assertThat(
              facts
                  .table()
                  .latest()
                  .rows(List.of("body"), List.of(Filter.equal("kind", "run-started"))))
          .singleElement()
          .satisfies(
              row ->
                  assertThat(row.string("body"))
                      .contains(
                          "\"sources\":{\"there\":[{\"path\":\""
                              + folder
                                  .resolve("a.csv")
                                  .toUri()
                                  .toString()
                                  .replace("file:///", "file:/"))
                      .contains("\"sha256\":\"" + SHA + "\""));
      var stages =
          LineageReader.open(facts)
              .rows(LineageTable.STAGES, List.of(Filter.equal("stage", "after")));
      assertThat(stages)
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.string("state")).isEqualTo(StageState.SKIPPED.name());
                assertThat(row.integer("attempt")).isZero();
                assertThat(row.string("error_message"))
                    .isEqualTo("It never began, since stage 'nowhere' did not succeed.");
              });
    }
  }

  @Test
  void aHomeThatLostItsLineagePublishesOn() throws Exception {
    Pipeline pipeline =
        Pipeline.named("kept")
            .stage("numbers", new TestStages.Numbers(to("t.kept"), 3))
            .cache(Cache.NEVER)
            .build();
    run(pipeline);
    run(pipeline);
    try (Stream<Path> files = Files.walk(folder.resolve("lineage"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }

    RunResult third = run(pipeline);

    assertThat(third.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(third.stages().get(0).datasets().get(0).reference()).isEqualTo("dataset:t.kept@2");
  }
}
