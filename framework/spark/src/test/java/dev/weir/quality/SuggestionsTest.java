package dev.weir.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.config.Binder;
import dev.weir.config.Problems;
import dev.weir.config.Substitution;
import dev.weir.config.Yaml;
import dev.weir.config.YamlReader;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.LocalContext;
import dev.weir.profile.DatasetProfile;
import dev.weir.session.TestSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class SuggestionsTest {
  private final SparkSession spark = TestSpark.session();

  private Examination examined(Dataset<Row> rows, List<Check> checks) {
    return Examination.of(
        new Subject(rows, "dataset:a.b@1", "t"),
        checks,
        true,
        LocalContext.BEGAN,
        other -> {
          throw new IllegalStateException("No other dataset: " + other);
        });
  }

  private DatasetProfile profile(Dataset<Row> rows) {
    return Objects.requireNonNull(examined(rows, List.of()).profile()).kept();
  }

  /** As a pipeline's file is read. */
  private static List<Check> read(List<Suggestion> suggestions) {
    Problems problems = new Problems();
    Yaml yaml =
        Objects.requireNonNull(
            YamlReader.parse(
                "p.yaml", "from: a.b\ninto: a.c\n" + SuggestionText.yaml(suggestions), problems));
    Yaml substituted = new Substitution(Map.of(), Set.of(), problems).apply(yaml);
    Validate stage =
        new Binder(new QualityStages().codecs())
            .read(substituted, Validate.class, "the stage", problems);
    assertThat(problems.messages()).isEmpty();
    return Objects.requireNonNull(stage).checks();
  }

  /** What is read again is what was suggested, and what is in earnest holds. */
  private List<Suggestion> suggested(Dataset<Row> rows) {
    List<Suggestion> suggestions = Suggestions.of(profile(rows));
    List<Check> checks = read(suggestions);
    assertThat(checks).isEqualTo(suggestions.stream().map(Suggestion::check).toList());
    assertThat(examined(rows, checks).checks()).filteredOn(Fact.Check::halts).isEmpty();
    return suggestions;
  }

  private Dataset<Row> loans() {
    // Spark's SQL would put a variable in the place of one in a text.
    return spark
        .sql(
            """
        select id,
          concat('A-', id * 7 % 900 + 100) as code,
          if(id % 20 = 0, null, 20000 + id * 7919 % 5000 * 10.0D) as income,
          if(id % 50 = 0, double('nan'), id / 1000.0D) as share,
          cast(id % 5 * 12 + 12 as int) as months,
          cast(id % 6 as int) as dependents,
          id % 3 = 0 as late,
          array('web', 'branch', 'on', concat('$', '{x}'), 'a "b"\\n#c')[cast(id % 5 as int)] as channel,
          concat('user', id, '@example.com') as email,
          cast(date_add(date'2024-01-01', cast(id % 700 as int)) as string) as day,
          date_add(date'2024-01-01', cast(id % 700 as int)) as applied,
          cast(if(id % 3 = 0, null, id * 1.25) as decimal(12,2)) as debt,
          cast(null as string) as nothing,
          named_struct('zip', 'x') as address,
          uuid(7) as token
        from range(1000)
        """)
        .withColumnRenamed("channel", "the channel: of \"it\"");
  }

  @Test
  void aBlockIsReadAndHoldsOfWhatItWasLearnedFrom() {
    Dataset<Row> rows = loans().cache();
    List<Suggestion> suggestions = suggested(rows);
    String text = SuggestionText.yaml(suggestions);
    assertThat(text)
        .contains(
            "  # there are 1,000 rows\n  - { row-count: { min: 1 } }\n",
            "  # less sure: half of 1,000 rows to twice as many; one version does not tell",
            "  - { row-count: { min: 500, max: 2000 }, severity: warn }\n",
            "\"the channel: of \\\"it\\\"\": string",
            "  # 50 null of 1,000 rows\n  - { not-null: income, threshold: 0.076 }\n",
            "  - { unique: id, severity: warn }\n",
            "  - { range: id, min: 0 }\n",
            "  - { allowed: months, values: [ \"12\", \"24\", \"36\", \"48\", \"60\" ] }\n",
            "values: [ \"$${x}\", \"a \\\"b\\\"\\u000a#c\", branch, \"on\", web ] }\n",
            "  - { range: share, min: 0, threshold: 0.034 }\n",
            "  - { range: dependents, min: 0, max: 5, severity: warn }\n",
            "  - { conforms: token, to: uuid, severity: warn }\n",
            "  - { conforms: email, to: email, severity: warn }\n",
            "  - { conforms: day, to: date",
            "  - { matches: code, pattern: \"[A-Z]+\\\\-[0-9]+\"")
        .doesNotContain(
            "allowed: dependents", "range: late", "nothing, threshold", "range: applied");
    assertThat(text.lines()).allMatch(line -> line.length() < 200);
    rows.unpersist();
  }

  @Test
  void fewRowsSuggestLittleInEarnest() {
    List<Suggestion> suggestions = suggested(loans().limit(12));
    assertThat(suggestions)
        .filteredOn(each -> each.doubt() == null)
        .extracting(each -> each.check().getClass().getSimpleName())
        .containsExactly("RowCount", "Schema");
  }

  @Test
  void realDataHoldsWhatItSuggests() {
    String folder = System.getenv("WEIR_DATA");
    assumeTrue(folder != null, "Skipped: WEIR_DATA does not name the folder of the real data sets");
    Map.of(
            "adult/adult.data.gz", false,
            "bank-marketing/bank-full.csv.gz", true,
            "bike-hour/hour.csv.gz", true,
            "electricity/electricity.csv.gz", true)
        .forEach(
            (file, header) -> {
              Dataset<Row> rows =
                  spark
                      .read()
                      .option("header", header)
                      .option("inferSchema", true)
                      .option("ignoreLeadingWhiteSpace", true)
                      .option("sep", file.startsWith("bank") ? ";" : ",")
                      .csv(Path.of(folder, file).toString())
                      .coalesce(1)
                      .cache();
              List<Suggestion> suggestions = suggested(rows);
              assertThat(suggestions.stream().filter(each -> each.doubt() == null).count())
                  .as(file)
                  .isGreaterThan(5);
              rows.unpersist();
            });
  }
}
