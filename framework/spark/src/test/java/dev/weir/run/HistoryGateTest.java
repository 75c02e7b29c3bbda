package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.artifact.DatasetName;
import dev.weir.lineage.Actor;
import dev.weir.lineage.BaselineDeeds;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.profile.Deviation;
import dev.weir.profile.DriftLimits;
import dev.weir.profile.Figure;
import dev.weir.profile.Season;
import dev.weir.profile.Unjudged;
import dev.weir.quality.Against;
import dev.weir.quality.Check;
import dev.weir.quality.Columns;
import dev.weir.quality.Concern;
import dev.weir.quality.DriftCheck;
import dev.weir.quality.HistoryCheck;
import dev.weir.quality.Norms;
import dev.weir.quality.Severity;
import dev.weir.quality.Validate;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gate that knows what was accepted before. */
@Timeout(300)
class HistoryGateTest {
  private final Instant began = Instant.now().minusSeconds(1);

  @TempDir Path folder;

  @BeforeAll
  static void spark() {
    TestSpark.session();
  }

  /**
   * 900 incomes around a mean, a third of them from each of three regions.
   *
   * @param north what is added to those from the north
   */
  record Incomes(Output into, double mean, double north) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(
          into,
          context
              .spark()
              .range(0, 900, 1, 2)
              .selectExpr(
                  "id",
                  "element_at(array('north', 'south', 'west'), cast(id % 3 as int) + 1) as region",
                  "date_add(date'2026-01-01', cast(id % 59 as int)) as applied",
                  "%s + (id * 37 %% 21 - 10) + if(id %% 3 = 0, %s, 0) as income"
                      .formatted(mean, north)));
    }
  }

  private static Pipeline gated(double mean, double north, Norms norms) {
    return Pipeline.named("gated")
        .stage("make", new Incomes(to("t.raw"), mean, north))
        .stage(
            "validate",
            new Validate(from("t.raw"), to("t.clean"), Check.notNull("id")).withNorms(norms))
        .build();
  }

  private RunResult run(Pipeline pipeline) throws InterruptedException {
    try (Runner runner =
        Runner.open(
            RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare()),
            event -> {})) {
      return runner.start().await();
    }
  }

  private static List<Fact.Check> checks(RunResult result) {
    return result.stages().stream()
        .filter(stage -> stage.stage().equals("validate"))
        .findFirst()
        .orElseThrow()
        .checks();
  }

  private static Fact.Check check(RunResult result, String name) {
    return checks(result).stream()
        .filter(check -> check.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No " + name + " in " + checks(result)));
  }

  private static Fact.Basis basis(Fact.Check check) {
    return Objects.requireNonNull(check.basis());
  }

  private List<Row> rows(LineageTable table, Filter... filters) {
    try (Home home = Home.open(folder)) {
      return LineageReader.open(Events.open(home)).rows(table, List.of(filters));
    }
  }

  private static Figure figure(String text) {
    return Figure.parse(text);
  }

  private static HistoryCheck of(Deviation deviation, @Nullable String by, Severity severity) {
    return HistoryCheck.of(deviation, by, new Concern(severity, "risk", null));
  }

  @Test
  void aVersionThatIsNotWhatItWasIsHaltedUntilThatIsTheNewNormal() throws Exception {
    Norms norms =
        new Norms(
            List.of(
                of(
                    new Deviation.Normal(figure("income.mean"), 3, 30, 3, Unjudged.WARN),
                    null,
                    Severity.ERROR),
                of(
                    new Deviation.Robust(figure("income.median"), 4, 30, 3, Unjudged.PASS),
                    "region",
                    Severity.WARN),
                of(
                    new Deviation.RelativeChange(figure("bytes"), 0.9, Unjudged.PASS),
                    null,
                    Severity.WARN)),
            List.of());
    double[] means = {100, 101, 99, 100.5};
    RunResult last = run(gated(means[0], 0, norms));
    Fact.Check first = check(last, "normal mean");
    assertThat(last.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(first.passed()).isFalse();
    assertThat(first.severity()).isEqualTo("warn");
    assertThat(first.expected())
        .isEqualTo("too little history to judge: no version, and at least 3 are needed");
    for (int i = 1; i < means.length; i++) {
      last = run(gated(means[i], 0, norms));
      assertThat(last.state()).as("%s", last.error()).isEqualTo(RunState.SUCCEEDED);
    }
    Fact.Check fourth = check(last, "normal mean");
    assertThat(fourth.passed()).isTrue();
    assertThat(fourth.severity()).isEqualTo("error");
    assertThat(fourth.value()).isCloseTo(100.5, within(0.1));
    assertThat(basis(fourth).learnedFrom())
        .containsExactly("dataset:t.raw@0", "dataset:t.raw@1", "dataset:t.raw@2");
    assertThat(basis(fourth).low()).isBetween(96.0, 97.5);
    assertThat(basis(fourth).high()).isBetween(102.5, 104.0);

    // What was judged when it was new is not judged again because its history grew.
    assertThat(run(gated(means[3], 0, norms)).stages())
        .extracting(Fact.StageFinished::state)
        .containsOnly(StageState.REUSED);

    RunResult halted = run(gated(100, -60, norms));
    assertThat(halted.state()).isEqualTo(RunState.HALTED);
    Fact.Check deviates = check(halted, "normal mean");
    assertThat(deviates.halts()).isTrue();
    assertThat(deviates.column()).isEqualTo("income");
    assertThat(deviates.owner()).isEqualTo("risk");
    assertThat(deviates.subject()).isEqualTo("dataset:t.raw@4");
    assertThat(deviates.value()).isCloseTo(80, within(0.1));
    assertThat(deviates.expected())
        .matches(
            "from 9\\d\\.\\d+ to 10\\d\\.\\d+ is expected, learned from 4 versions, dataset:t.raw@0 to dataset:t.raw@3");
    assertThat(Objects.requireNonNull(halted.error()).message())
        .contains("1 of 6 checks failed on dataset:t.raw@4, and t.clean was left as it was:")
        .contains("normal mean income: " + deviates.observed() + "; " + deviates.expected());
    // By region it is seen where.
    assertThat(check(halted, "robust median of region=north"))
        .satisfies(
            north -> {
              assertThat(north.passed()).isFalse();
              assertThat(north.halts()).isFalse();
              assertThat(north.value()).isBetween(35.0, 45.0);
              assertThat(north.rows()).isEqualTo(300);
              assertThat(basis(north).learnedFrom()).hasSize(4);
            });
    assertThat(check(halted, "robust median of region=south").passed()).isTrue();
    assertThat(check(halted, "relative-change bytes").passed()).isTrue();

    List<Row> judged = rows(LineageTable.CHECKS, Filter.equal("run", halted.run()));
    assertThat(judged)
        .filteredOn(row -> row.string("name").equals("normal mean"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.get("expected_low")).isEqualTo(basis(deviates).low());
              assertThat(row.get("expected_high")).isEqualTo(basis(deviates).high());
              assertThat(row.string("learned_from"))
                  .isEqualTo(
                      "[\"dataset:t.raw@0\",\"dataset:t.raw@1\",\"dataset:t.raw@2\",\"dataset:t.raw@3\"]");
            });
    assertThat(judged)
        .filteredOn(row -> row.string("name").equals("not-null"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(rows(LineageTable.CHECKS, Filter.equal("run", last(0))))
                    .extracting(other -> other.text("expectation"))
                    .contains(row.string("expectation")));

    try (Home home = Home.open(folder)) {
      BaselineDeeds.accept(
          Events.open(home),
          DatasetName.parse("t.raw"),
          4L,
          List.of(figure("income.mean")),
          new Actor("ada", "ship", null),
          "the north is paid by the week");
    }
    RunResult accepted = run(gated(100, -60, norms));
    assertThat(accepted.state()).as("%s", accepted.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(check(accepted, "normal mean"))
        .satisfies(
            normal -> {
              assertThat(normal.passed()).isTrue();
              assertThat(normal.expected())
                  .isEqualTo("accepted as the new normal by ada: the north is paid by the week");
              assertThat(basis(normal).learnedFrom()).isEmpty();
            });
    RunResult next = run(gated(101, -60, norms));
    assertThat(next.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(check(next, "normal mean").expected())
        .isEqualTo("too little history to judge: dataset:t.raw@4, and at least 3 are needed");
    // Of the other figures nobody said so.
    assertThat(basis(check(next, "robust median of region=north")).learnedFrom()).hasSize(5);

    List<Row> profiles = rows(LineageTable.PROFILES, Filter.equal("reference", "dataset:t.raw@5"));
    assertThat(profiles)
        .extracting(row -> row.text("part"))
        .containsOnly(null, "region=north", "region=south", "region=west");
    assertThat(profiles)
        .filteredOn(row -> row.get("part") == null)
        .hasSize(4)
        .allSatisfy(
            row -> {
              assertThat(row.number("byte_count")).isBetween(1_000L, 100_000L);
              assertThat(row.instant("committed_at")).isBetween(began, Instant.now());
            });
    // No column but those that are asked for.
    assertThat(profiles)
        .filteredOn(row -> "region=north".equals(row.text("part")))
        .extracting(row -> row.string("column_name"))
        .containsExactlyInAnyOrder("region", "income");
  }

  /** The id of a run, in the order in which they ended. */
  private String last(int back) {
    List<Row> runs =
        rows(LineageTable.RUNS).stream()
            .sorted(Comparator.comparing(row -> Objects.requireNonNull(row.instant("finished_at"))))
            .toList();
    return runs.get(back).string("run");
  }

  @Test
  void tooLittleHistoryPassesWarnsOrHaltsByChoice() throws Exception {
    Norms norms =
        new Norms(
            List.of(
                HistoryCheck.of(new Deviation.AbsoluteChange(figure("rows"), 5, Unjudged.PASS)),
                HistoryCheck.of(
                    new Deviation.Normal(figure("income.mean"), 3, 30, 5, Unjudged.WARN)),
                HistoryCheck.of(
                    new Deviation.Seasonal(
                        figure("income.max"), Season.MONTH, 3, 12, 4, Unjudged.HALT))),
            List.of());

    RunResult halted = run(gated(100, 0, norms));

    assertThat(halted.state()).isEqualTo(RunState.HALTED);
    assertThat(check(halted, "absolute-change rows"))
        .matches(Fact.Check::passed)
        .matches(check -> check.severity().equals("error"));
    assertThat(check(halted, "normal mean"))
        .matches(check -> !check.passed() && !check.halts() && check.severity().equals("warn"));
    assertThat(check(halted, "seasonal max")).matches(Fact.Check::halts);
    assertThat(Objects.requireNonNull(halted.error()).message())
        .contains("1 of 4 checks failed on dataset:t.raw@0")
        .contains(
            "seasonal max income: 110; too little history to judge: no version, and at least 4 are needed");
  }

  @Test
  void distributionsAreHeldAgainstAnotherVersion() throws Exception {
    DriftCheck ofIncome =
        new DriftCheck(
            Against.parse("dataset:t.raw@0"),
            Columns.of("income", "region"),
            DriftLimits.USUAL,
            Unjudged.WARN,
            Concern.USUAL);
    DriftCheck ofAll =
        new DriftCheck(
            Against.parse("dataset:t.raw"),
            null,
            DriftLimits.USUAL,
            Unjudged.PASS,
            new Concern(Severity.WARN, null, null));
    DriftCheck ofModel =
        new DriftCheck(
            Against.parse("model:t.model@champion"),
            null,
            DriftLimits.USUAL,
            Unjudged.PASS,
            Concern.USUAL);
    Norms norms = new Norms(List.of(), List.of(ofIncome, ofAll, ofModel));

    RunResult first = run(gated(100, 0, norms));
    assertThat(first.state()).as("%s", first.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(checks(first)).filteredOn(check -> check.name().equals("drift")).hasSize(3);
    assertThat(check(first, "drift"))
        .matches(check -> !check.passed() && check.severity().equals("warn"))
        .extracting(Fact.Check::observed, Fact.Check::expected)
        .containsExactly(
            "nothing to compare with",
            "dataset:t.raw@0 is not there yet, or nothing is known of what is in it");

    RunResult second = run(gated(130, 0, norms));
    assertThat(second.state()).isEqualTo(RunState.HALTED);
    assertThat(checks(second))
        .filteredOn(check -> check.name().equals("drift") && check.halts())
        .singleElement()
        .satisfies(
            drift -> {
              assertThat(drift.column()).isEqualTo("income");
              assertThat(drift.observed()).startsWith("drifted; ").contains("by chance");
              assertThat(drift.expected()).isEqualTo("as in dataset:t.raw@0");
              assertThat(basis(drift).learnedFrom()).containsExactly("dataset:t.raw@0");
              assertThat(drift.value()).isGreaterThan(Objects.requireNonNull(basis(drift).high()));
            });
    assertThat(checks(second))
        .filteredOn(check -> "region".equals(check.column()) && check.name().equals("drift"))
        .hasSize(2)
        .allMatch(Fact.Check::passed);
    assertThat(Objects.requireNonNull(second.error()).message())
        .contains("drift income: drifted; ")
        .contains("as in dataset:t.raw@0");
  }

  @Test
  void partsThatAreTooManyAreRefused() throws Exception {
    HistoryCheck byId =
        of(new Deviation.RelativeChange(figure("rows"), 0.5, Unjudged.PASS), "id", Severity.ERROR);
    HistoryCheck byMonth =
        of(
            new Deviation.RelativeChange(figure("rows"), 0.5, Unjudged.PASS),
            "applied",
            Severity.ERROR);

    RunResult refused = run(gated(100, 0, new Norms(List.of(byId), List.of())));
    assertThat(refused.state()).isEqualTo(RunState.FAILED);
    assertThat(Objects.requireNonNull(refused.error()).message())
        .contains(
            "dataset:t.raw@0 has more than 100 different values of id, each of which would have a history of its own.");

    RunResult byDates = run(gated(100, 0, new Norms(List.of(byMonth), List.of())));
    assertThat(checks(byDates))
        .extracting(Fact.Check::name)
        .contains(
            "relative-change rows of applied=2026-01", "relative-change rows of applied=2026-02");
  }
}
