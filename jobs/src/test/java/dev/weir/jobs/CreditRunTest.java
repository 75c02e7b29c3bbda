package dev.weir.jobs;

import static org.apache.spark.ml.functions.vector_to_array;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.ml.Models;
import dev.weir.run.RunResult;
import dev.weir.run.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The credit pipeline from deliveries to a registered model, twice. */
class CreditRunTest {
  // To June 2025: three months to test on after the split in April.
  private static final int MONTHS = 18;
  private static final int ROWS = 300;

  @TempDir static Path folder;

  private static Path home;
  private static RunResult first;
  private static RunResult second;
  private static RunResult reused;

  @BeforeAll
  static void run() throws InterruptedException {
    home = folder.resolve("home");
    Map<String, String> params =
        Map.of("months", String.valueOf(MONTHS), "rows", String.valueOf(ROWS));
    first = Runs.run(Runs.load(Runs.ROOT, "credit", params), Runs.ROOT, home);
    // The same in Java: there is nothing left to do, unless all is asked for again.
    reused = Runs.run(CreditPipeline.of(MONTHS, ROWS), Runs.ROOT, home);
    second = Runs.run(CreditPipeline.of(MONTHS, ROWS), Runs.ROOT, home, Selection.FRESH);
  }

  @Test
  void everyStageSucceedsAndAModelIsRegistered() {
    assertThat(first.state()).as("%s", first.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(first.stages())
        .hasSize(CreditPipeline.of(MONTHS, ROWS).stages().size())
        .allSatisfy(stage -> assertThat(stage.state()).isEqualTo(StageState.SUCCEEDED));
    assertThat(first.registered())
        .extracting(Fact.ModelRegistered::reference)
        .containsExactly("model:credit.default@1");
    assertThat(rows(first, "credit.raw")).isEqualTo(MONTHS * ROWS);
    assertThat(rows(first, "credit.train")).isBetween(4000L, 4500L);
    assertThat(rows(first, "credit.test")).isBetween(800L, 900L);
    assertThat(Runs.metric(first, "evaluate", "auc-roc"))
        .isGreaterThan(0.7)
        .isLessThan(Runs.metric(first, "evaluate", "best.auc-roc"));
  }

  @Test
  void theSamePipelineInJavaHasNothingLeftToDo() {
    assertThat(reused.state()).as("%s", reused.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(reused.stages())
        .hasSameSizeAs(first.stages())
        .allSatisfy(
            stage -> {
              assertThat(stage.state()).as(stage.stage()).isEqualTo(StageState.REUSED);
              assertThat(stage.reused()).isEqualTo(new Fact.Reused(first.run(), 1));
            });
    assertThat(datasets(reused)).isEqualTo(datasets(first));
    assertThat(reused.registered())
        .extracting(Fact.ModelRegistered::reference)
        .containsExactly("model:credit.default@1");
  }

  @Test
  void anotherRunMakesTheNextVersionOfEverythingWithTheSameContent() {
    assertThat(second.state()).as("%s", second.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(second.registered())
        .extracting(Fact.ModelRegistered::reference)
        .containsExactly("model:credit.default@2");
    Map<String, Fact.DatasetWritten> before = datasets(first);
    Map<String, Fact.DatasetWritten> after = datasets(second);
    assertThat(after).hasSize(10).hasSameSizeAs(before);
    after.forEach(
        (name, written) -> {
          assertThat(written.reference()).isEqualTo("dataset:" + name + "@1");
          Fact.DatasetWritten earlier = before.get(name);
          assertThat(earlier).as(name).isNotNull();
          assertThat(earlier.reference()).isEqualTo("dataset:" + name + "@0");
          assertThat(written.digest()).as(name).isEqualTo(earlier.digest());
          assertThat(written.rows()).as(name).isEqualTo(earlier.rows());
        });
    assertThat(metrics(second)).isEqualTo(metrics(first)).containsKey("evaluate log-loss");
  }

  @Test
  void theTablesTellTheVersionsApart() {
    assertThat(
            Runs.lineage(home)
                .sql(
                    """
                    select m.reference, r.state, e.value
                    from models m join runs r using (run)
                    join metrics e on e.run = m.run and e.subject = m.candidate
                    where m.kind = 'registered' and e.name = 'auc-roc'
                    order by m.number
                    """)
                .collectAsList())
        .extracting(Row::toString)
        .containsExactly(
            "[model:credit.default@1,SUCCEEDED,%s]"
                .formatted(Runs.metric(first, "evaluate", "auc-roc")),
            "[model:credit.default@2,SUCCEEDED,%s]"
                .formatted(Runs.metric(second, "evaluate", "auc-roc")));
  }

  @Test
  void oneStatementLeadsFromAModelToItsSourceFiles() throws Exception {
    List<String> found =
        Runs.lineage(home)
            .sql(
                """
                with recursive origin(reference) as (
                  select 'model:credit.default@2'
                  union all
                  select e.from_reference from origin o join edges e on e.to_reference = o.reference
                )
                select distinct reference from origin where reference like 'file:%/samples/%'
                """)
            .as(Encoders.STRING())
            .collectAsList();

    List<String> files;
    try (Stream<Path> walk = Files.walk(home.resolve("samples"))) {
      files =
          walk.filter(file -> file.toString().endsWith(".csv"))
              .map(file -> "file:" + file.toAbsolutePath() + "@" + sha256(file))
              .toList();
    }
    assertThat(files).hasSize(2 * MONTHS);
    assertThat(found).containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  void aRegisteredModelScoresAsItsRunDid() {
    PipelineModel model = Models.load(Runs.spark(), home.toString(), "model:credit.default@1");
    Dataset<Row> test = Runs.dataset(home, "credit.test");

    Dataset<Row> again =
        model
            .transform(test)
            .select(
                col("application_id"),
                vector_to_array(col("probability"), "float64").getItem(1).as("again"));

    assertThat(
            again
                .join(Runs.dataset(home, "credit.predictions"), "application_id")
                .filter("again = score")
                .count())
        .isEqualTo(test.count())
        .isPositive();
  }

  @Test
  void aMonthWithIncomeInThousandsStopsAtTheGate() throws Exception {
    Path other = folder.resolve("other");
    Map<String, String> params = Map.of("months", "3", "rows", "40", "fault-month", "2024-02");

    RunResult halted = Runs.run(Runs.load(Runs.ROOT, "credit", params), Runs.ROOT, other);

    assertThat(halted.state()).isEqualTo(RunState.HALTED);
    Fact.StageFinished validate = Runs.stage(halted, "validate");
    assertThat(validate.state()).isEqualTo(StageState.HALTED);
    assertThat(validate.checks())
        .filteredOn(check -> !check.passed())
        .singleElement()
        .satisfies(
            check -> {
              assertThat(check.name()).isEqualTo("range");
              assertThat(check.column()).isEqualTo("income");
              assertThat(check.failedRows()).isBetween(35L, 40L);
            });
    assertThat(halted.error()).isNotNull();
    assertThat(halted.skipped())
        .containsExactlyInAnyOrder(
            "features", "split", "train", "predict", "scored", "evaluate", "register");
    assertThat(halted.registered()).isEmpty();
    assertThat(other.resolve("datasets/credit/clean")).doesNotExist();
  }

  private static long rows(RunResult result, String dataset) {
    Fact.DatasetWritten written = datasets(result).get(dataset);
    assertThat(written).as(dataset).isNotNull();
    return written.rows();
  }

  private static Map<String, Fact.DatasetWritten> datasets(RunResult result) {
    return result.stages().stream()
        .flatMap(stage -> stage.datasets().stream())
        .collect(
            Collectors.toMap(
                written -> written.reference().replaceAll("^dataset:|@\\d+$", ""), w -> w));
  }

  /** What was measured, the clock's part left out. */
  private static Map<String, Double> metrics(RunResult result) {
    Map<String, Double> metrics = new TreeMap<>();
    for (Fact.StageFinished stage : result.stages()) {
      for (Fact.Metric metric : stage.metrics()) {
        if (!metric.name().endsWith("seconds")) {
          metrics.put(stage.stage() + " " + metric.name(), metric.value());
        }
      }
    }
    return metrics;
  }

  private static String sha256(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (IOException | java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
