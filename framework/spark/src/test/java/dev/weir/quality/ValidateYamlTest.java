package dev.weir.quality;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static dev.weir.quality.Check.allowed;
import static dev.weir.quality.Check.expression;
import static dev.weir.quality.Check.matches;
import static dev.weir.quality.Check.notNull;
import static dev.weir.quality.Check.range;
import static dev.weir.quality.Check.rowCount;
import static dev.weir.quality.Check.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.config.Binder;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import dev.weir.config.YamlReader;
import dev.weir.pipeline.Ports;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ValidateYamlTest {
  private final Problems problems = new Problems();

  private @Nullable Validate read(String text) {
    Yaml yaml = Objects.requireNonNull(YamlReader.parse("p.yaml", text, problems));
    return new Binder(new QualityStages().codecs())
        .read(yaml, Validate.class, "the stage", problems);
  }

  @Test
  void saysTheSameAsJava() {
    Validate read =
        read(
            """
            from: credit.raw
            into: credit.clean
            checks:
              - not-null: income
              - { not-null: [ income, debt ], threshold: 0.05 }
              - unique: id
              - unique: [ id, month ]
              - { range: age, min: 18, max: 1.2e2 }
              - { range: applied, min: 2024-01-01 }
              - { range: rate, min: 0, max: 1.0, exclusive: true, threshold: 0.1 }
              - { allowed: channel, values: [ web, branch ] }
              - { allowed: term, values: [ 12, 24 ] }
              - { matches: zip, pattern: '\\d{5}' }
              - row-count: { min: 1 }
              - row-count: { min: 1, max: 1000 }
              - expression: debt <= 10 * income
              - { expression: debt >= 0, name: debt is a debt, threshold: 0.01 }
              - { not-null: age, where: id > 3, severity: warn, owner: risk, description: For scores. }
              - { conforms: email, to: email }
              - { length: zip, min: 5, max: 5 }
              - { compare: opened, is: at-most, to: closed }
              - { references: branch, in: credit.branches, columns: id, threshold: 0.1 }
              - { statistic: mean, of: income, min: 1000, max: 9e4 }
              - { statistic: quantile, of: income, at: 0.9, max: 100000 }
              - { statistic: mutual-information, of: [ region, branch ], min: 0.1 }
              - { fresh: applied, within: 2d }
              - { schema: { id: bigint, income: double }, allow: [ added ] }
            """);

    assertThat(problems.messages()).isEmpty();
    assertThat(read)
        .isEqualTo(
            new Validate(
                from("credit.raw"),
                to("credit.clean"),
                notNull("income"),
                new Check.NotNull(Columns.of("income", "debt"), 0.05),
                unique("id"),
                unique("id", "month"),
                range("age", 18, 120),
                range("applied", "2024-01-01", null),
                new Check.Range("rate", Bound.of(0), Bound.of(1), true, 0.1),
                allowed("channel", "web", "branch"),
                allowed("term", "12", "24"),
                matches("zip", "\\d{5}"),
                rowCount(1),
                rowCount(1, 1000),
                expression("debt <= 10 * income"),
                new Check.Expression("debt >= 0", "debt is a debt", 0.01),
                new Check.NotNull(
                    Columns.of("age"),
                    new Rows(0, new Terms("id > 3", Severity.WARN, "risk", "For scores."))),
                new Check.Conforms("email", Format.EMAIL, Rows.ALL),
                new Check.Length("zip", 5, 5, Rows.ALL),
                new Check.Compare("opened", Comparison.AT_MOST, "closed", Rows.ALL),
                new Check.References(
                    Columns.of("branch"),
                    from("credit.branches"),
                    Columns.of("id"),
                    0.1,
                    Terms.USUAL),
                new Check.Statistic(
                    Measure.MEAN, Columns.of("income"), null, 1000.0, 9e4, Terms.USUAL),
                new Check.Statistic(
                    Measure.QUANTILE, Columns.of("income"), 0.9, null, 1e5, Terms.USUAL),
                new Check.Statistic(
                    Measure.MUTUAL_INFORMATION,
                    Columns.of("region", "branch"),
                    null,
                    0.1,
                    null,
                    Terms.USUAL),
                new Check.Fresh("applied", Duration.ofDays(2), Terms.USUAL),
                new Check.Schema(
                    Map.of("id", "bigint", "income", "double"),
                    Set.of(SchemaChange.ADDED),
                    Terms.USUAL)));
    assertThat(Ports.of(Objects.requireNonNull(read)).inputs())
        .extracting(Ports.Port::name)
        .containsExactly("from", "checks[18].in");
  }

  @Test
  void saysWhatBecomesOfRowsThatBreakACheck() {
    Validate read =
        read(
            """
            from: credit.raw
            into: credit.clean
            quarantine: credit.quarantine
            checks:
              - { not-null: income, on-failure: quarantine, threshold: 0.05 }
              - { range: age, min: 0, on-failure: halt, threshold: 0.05 }
            """);

    assertThat(problems.messages()).isEmpty();
    assertThat(read)
        .isEqualTo(
            new Validate(
                from("credit.raw"),
                to("credit.clean"),
                to("credit.quarantine"),
                new Check.NotNull(Columns.of("income"), Rows.quarantined(0.05)),
                new Check.Range("age", Bound.of(0), null, false, 0.05)));
  }

  @Test
  void reportsFaultsAtTheirPlaces() {
    read(
        """
        from: credit.raw
        into: credit.clean
        checks:
          - { not-null: [ income, 3 ] }
          - { matches: zip, pattern: '(' }
          - { range: age, min: soon }
          - { range: age }
          - row-count: { min: 3, max: 1 }
          - { unique: [ id, id ] }
          - { not-nul: income }
          - { not-null: income, threshold: 2 }
          - { not-null: income, sevrity: warn }
          - { statistic: men, of: income, min: 1 }
        """);

    List<String> messages = problems.messages();
    assertThat(messages).hasSize(10);
    assertThat(messages.get(0)).startsWith("p.yaml:4:").contains("a column's name is a text");
    assertThat(messages.get(1)).startsWith("p.yaml:5:").contains("'(' is not a regular expression");
    assertThat(messages.get(2)).startsWith("p.yaml:6:").contains("'soon' is not a bound");
    assertThat(messages.get(3)).startsWith("p.yaml:7:").contains("give min, max or both");
    assertThat(messages.get(4)).startsWith("p.yaml:8:").contains("min 3 is more than max 1");
    assertThat(messages.get(5)).startsWith("p.yaml:9:").contains("a column is named twice: id, id");
    assertThat(messages.get(6)).startsWith("p.yaml:10:").contains("not-null");
    assertThat(messages.get(7)).startsWith("p.yaml:11:").contains("fraction from 0 to 1, not 2.0");
    assertThat(messages.get(8))
        .startsWith("p.yaml:12:")
        .contains("unknown key 'sevrity'; did you mean 'severity'?");
    assertThat(messages.get(9)).startsWith("p.yaml:13:").contains("did you mean 'mean'?");
  }
}
