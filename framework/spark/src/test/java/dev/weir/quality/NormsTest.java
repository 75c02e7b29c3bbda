package dev.weir.quality;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.config.Binder;
import dev.weir.config.Problems;
import dev.weir.config.YamlReader;
import dev.weir.error.WeirException;
import dev.weir.pipeline.RecordedStages;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageJson;
import dev.weir.pipeline.StageTypes;
import dev.weir.profile.Deviation;
import dev.weir.profile.DriftLimits;
import dev.weir.profile.Figure;
import dev.weir.profile.Season;
import dev.weir.profile.Unjudged;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How expectations of profiles are written, and which can't be asked. */
class NormsTest {
  private final Problems problems = new Problems();

  private @Nullable Validate read(String text) {
    return new Binder(new QualityStages().codecs())
        .read(
            Objects.requireNonNull(YamlReader.parse("p.yaml", text, problems)),
            Validate.class,
            "the stage",
            problems);
  }

  private static HistoryCheck usual(Deviation deviation) {
    return HistoryCheck.of(deviation);
  }

  @Test
  void yamlSaysTheSameAsJava() {
    Validate read =
        read(
            """
            from: credit.raw
            into: credit.clean
            checks: []
            history:
              - { relative-change: rows, by: 0.2 }
              - { absolute-change: bytes, by: 1e6, too-few: halt }
              - { normal: income.mean, sigmas: 4, versions: 12, at-least: 6, too-few: pass }
              - { robust: income.p05, per: region, severity: warn, owner: risk, description: d. }
              - { seasonal: rows, same: weekday }
            drift:
              - { against: dataset:credit.raw@3 }
              - against: model:credit.default@champion
                columns: [ income, age ]
                distance: 0.2
                minimum: 500
                too-few: halt
                severity: warn
            """);

    assertThat(problems.messages()).isEmpty();
    assertThat(read)
        .isEqualTo(
            new Validate(from("credit.raw"), to("credit.clean"), null, List.of(), true, norms()));
    // As a run's facts have it, which a reproduction reads again.
    Stage again =
        new RecordedStages(StageTypes.of(NormsTest.class.getClassLoader()))
            .read(
                "validate",
                Validate.class.getName(),
                StageJson.of(Objects.requireNonNull(read)),
                problems);
    assertThat(again).as("%s", problems.messages()).isEqualTo(read);
  }

  @Test
  void whatIsMadeAgainIsNotHalted() {
    Norms warnings = norms().warnings();

    assertThat(warnings.history())
        .hasSize(5)
        .allMatch(check -> check.concern().severity() == Severity.WARN);
    assertThat(warnings.drift())
        .hasSize(2)
        .allMatch(check -> check.concern().severity() == Severity.WARN);
    assertThat(warnings.history().get(3)).isEqualTo(norms().history().get(3));
  }

  private static Norms norms() {
    return new Norms(
        List.of(
            usual(new Deviation.RelativeChange(Figure.parse("rows"), 0.2, Unjudged.WARN)),
            usual(new Deviation.AbsoluteChange(Figure.parse("bytes"), 1e6, Unjudged.HALT)),
            usual(new Deviation.Normal(Figure.parse("income.mean"), 4, 12, 6, Unjudged.PASS)),
            HistoryCheck.of(
                new Deviation.Robust(Figure.parse("income.p05"), 4, 30, 5, Unjudged.WARN),
                "region",
                new Concern(Severity.WARN, "risk", "d.")),
            usual(
                new Deviation.Seasonal(
                    Figure.parse("rows"), Season.WEEKDAY, 3, 12, 4, Unjudged.WARN))),
        List.of(
            DriftCheck.against("dataset:credit.raw@3"),
            new DriftCheck(
                Against.parse("model:credit.default@champion"),
                Columns.of("income", "age"),
                new DriftLimits(500, 0.01, 0.2, 0.2, 0.05, 0.25, 0.1, 0.15, 0.05),
                Unjudged.HALT,
                Concern.USUAL.warning())));
  }

  @Test
  void whatCannotBeMeantIsRefusedWhereItStands() {
    assertThat(
            read(
                """
                from: credit.raw
                into: credit.clean
                checks: []
                profile: false
                history: [ { normal: income.mean } ]
                """))
        .isNull();
    assertThat(
            read(
                """
                from: credit.raw
                into: credit.clean
                checks: []
                history:
                  - { normal: income.men }
                  - { robust: rows, severty: warn }
                  - { absolute-change: bytes, by: 1, per: region }
                drift:
                  - { against: credit.raw }
                """))
        .isNull();
    assertThat(problems.messages())
        .anySatisfy(m -> assertThat(m).contains("history and drift are judged by the profile"))
        .anySatisfy(m -> assertThat(m).contains("did you mean 'mean'?"))
        .anySatisfy(m -> assertThat(m).contains("unknown key 'severty'; did you mean 'severity'?"))
        .anySatisfy(m -> assertThat(m).contains("bytes are of whole files"))
        .anySatisfy(
            m ->
                assertThat(m)
                    .contains("'credit.raw' is neither a dataset nor a model: write dataset:"));
  }

  @Test
  void whatCannotBeAskedOfADatasetIsSaidAllAtOnce() {
    StructType schema =
        StructType.fromDDL(
            "income double, region string, applied date, rate float, tags array<string>");
    norms2("income.mean", "region").requireIn(schema, "dataset:a.b@1");
    norms2("region.max-length", "applied").requireIn(schema, "dataset:a.b@1");

    assertThatThrownBy(
            () ->
                new Norms(
                        List.of(
                            usual(normal("incme.mean")),
                            usual(normal("region.mean")),
                            HistoryCheck.of(normal("rows"), "rate", Concern.USUAL),
                            HistoryCheck.of(normal("rows"), "regin", Concern.USUAL)),
                        List.of(
                            new DriftCheck(
                                Against.parse("dataset:a.b"),
                                Columns.of("income", "age"),
                                DriftLimits.USUAL,
                                Unjudged.WARN,
                                Concern.USUAL)))
                    .requireIn(schema, "dataset:a.b@1"))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("incme.mean: there is no column 'incme'; did you mean 'income'?")
        .hasMessageContaining("region.mean: the column is of type STRING, which has no mean")
        .hasMessageContaining("rows per rate: the column is of type FLOAT; parts are told apart by")
        .hasMessageContaining("rows per regin: there is no column 'regin'; did you mean 'region'?")
        .hasMessageContaining("drift against dataset:a.b: there is no column 'age'");
  }

  private static Deviation normal(String figure) {
    return new Deviation.Normal(Figure.parse(figure), 3, 30, 5, Unjudged.WARN);
  }

  private static Norms norms2(String figure, String by) {
    return new Norms(List.of(HistoryCheck.of(normal(figure), by, Concern.USUAL)), List.of());
  }
}
