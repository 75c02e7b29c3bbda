package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.run.RunResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bank pipeline on UCI's Bank Marketing data. */
class BankRunTest {
  @TempDir Path home;

  private static Path source() {
    String data = System.getenv("WEIR_DATA");
    if (data == null || data.isBlank()) {
      abort("skipped: WEIR_DATA, the folder of the real data sets, is not set");
    }
    Path file = Path.of(data, "bank-marketing", "bank-full.csv.gz").toAbsolutePath();
    if (!Files.isRegularFile(file)) {
      abort("skipped: WEIR_DATA has no bank-marketing/bank-full.csv.gz");
    }
    return file;
  }

  @Test
  void learnsFromThePastAndIsTriedOnWhatFollowed() throws Exception {
    Map<String, String> params = Map.of("source", source().toString());

    RunResult result = Runs.run(Runs.load(Runs.ROOT, "bank", params), Runs.ROOT, home);

    assertThat(result.state()).as("%s", result.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(result.registered())
        .extracting(Fact.ModelRegistered::reference)
        .containsExactly("model:bank.subscription@1");

    Row days =
        Runs.dataset(home, "bank.clean")
            .selectExpr("min(event_date)", "max(event_date)", "count(*)")
            .head();
    assertThat(days).hasToString("[2008-05-05,2010-11-17,45211]");
    assertThat(Runs.dataset(home, "bank.train").filter("event_date >= '2010-01-01'").count())
        .isZero();
    assertThat(Runs.dataset(home, "bank.test").filter("event_date < '2010-01-01'").count())
        .isZero();
    assertThat(Runs.stage(result, "train").models().get(0).signature()).doesNotContain("duration");

    String[] names = {"auc-roc", "auc-pr", "log-loss"};
    for (String name : names) {
      System.out.printf(
          Locale.ROOT,
          "bank %s: %.4f, constant rate %.4f%n",
          name,
          Runs.metric(result, "evaluate", name),
          Runs.metric(result, "evaluate", "baseline." + name));
    }
    assertThat(Runs.metric(result, "evaluate", "auc-roc")).isBetween(0.6, 0.85);
    assertThat(Runs.metric(result, "evaluate", "baseline.auc-roc")).isEqualTo(0.5);
    assertThat(Runs.metric(result, "evaluate", "auc-pr"))
        .isGreaterThan(Runs.metric(result, "evaluate", "baseline.auc-pr"));
  }
}
