package dev.weir.session;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.feature.Sql;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.pipeline.Pipeline;
import dev.weir.run.RunRequest;
import dev.weir.run.Runner;
import dev.weir.store.FileLayout;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.TransactionId;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The functions in a session that is not Weir's own, as a notebook has one. */
class LineageFunctionsTest {
  @TempDir static Path folder;

  private static SparkSession spark;
  private static List<Row> edges = List.of();

  @BeforeAll
  static void run() throws Exception {
    spark = TestSpark.session().newSession();
    Pipeline pipeline =
        Pipeline.named("walk")
            .stage(
                "make", new Sql(List.of(), to("w.made"), Sql.statement("select id from range(9)")))
            .stage(
                "one",
                new Sql(
                    List.of(from("w.made")), to("w.one"), Sql.statement("select id from w.made")))
            .stage(
                "other",
                new Sql(
                    List.of(from("w.made")),
                    to("w.other"),
                    Sql.statement("select id from w.made where id > 3")))
            .stage(
                "both",
                new Sql(
                    List.of(from("w.one"), from("w.other")),
                    to("w.both"),
                    Sql.statement("select a.id from w.one a join w.other b on a.id = b.id")))
            .build();
    RunRequest request =
        RunRequest.of(
            pipeline,
            folder.toUri(),
            folder.toUri(),
            SparkSettings.of("local[2]", folder.resolve("none"), Map.of()));
    try (Runner runner = Runner.open(request, event -> {})) {
      assertThat(runner.start().await().state().name()).isEqualTo("SUCCEEDED");
    }
    try (Home home = Home.open(folder)) {
      edges =
          LineageReader.open(Events.existing(home).orElseThrow())
              .rows(LineageTable.EDGES, List.of());
    }
  }

  private static Set<String> closure(String start, String near, String far) {
    Set<String> found = new HashSet<>(Set.of(start));
    for (int before = 0; found.size() > before; ) {
      before = found.size();
      for (Row edge : edges) {
        String next = edge.text(far);
        if (next != null && found.contains(String.valueOf(edge.text(near)))) {
          found.add(next);
        }
      }
    }
    return found;
  }

  private static List<String> texts(String statement) {
    return spark.sql(statement).as(Encoders.STRING()).collectAsList();
  }

  @Test
  void aNotebooksSessionWalksAHomeGivenItsPath() {
    spark.conf().set("spark.weir.home", folder.toString());
    assertThat(texts("select distinct reference from lineage_upstream('dataset:w.both@0')"))
        .containsExactlyInAnyOrderElementsOf(
            closure("dataset:w.both@0", "to_reference", "from_reference"))
        .hasSize(4);
    assertThat(texts("select distinct reference from lineage_downstream('dataset:w.made@0')"))
        .containsExactlyInAnyOrderElementsOf(
            closure("dataset:w.made@0", "from_reference", "to_reference"));
    assertThat(
            texts(
                "select concat_ws(' ', depth, kind, name, version, from_reference, stage, pipeline, at is not null, digest is not null) from lineage_upstream('dataset:w.both@0', 2) order by depth, reference, from_reference"))
        .containsExactly(
            "0 dataset w.both 0 both walk true true",
            "1 dataset w.one 0 dataset:w.both@0 both walk true true",
            "1 dataset w.other 0 dataset:w.both@0 both walk true true",
            "2 dataset w.made 0 dataset:w.one@0 one walk true true",
            "2 dataset w.made 0 dataset:w.other@0 other walk true true");
    assertThat(texts("describe function lineage_upstream"))
        .anyMatch(line -> line.contains("Everything that it was made from."));
  }

  @Test
  void withoutAHomeItSaysSo() {
    SparkSession other = TestSpark.session().newSession();
    other.conf().unset("spark.weir.home");
    assertThatThrownBy(() -> other.sql("select * from lineage_upstream('dataset:w.both@0')"))
        .hasMessage("The session does not know which home's lineage is meant.");
    other.conf().set("spark.weir.home", folder.resolve("none").toUri().toString());
    assertThatThrownBy(() -> other.sql("select * from lineage_upstream('dataset:w.both@0')"))
        .hasMessageStartingWith("Nothing has been run in the home ");
  }

  @Test
  void sparkReadsATableWhoseFilesWerePutTogether() {
    try (Home home = Home.open(folder)) {
      var table = home.table(LineageTable.REFERENCE_RUNS.path());
      List<Row> rows = table.latest().rows();
      for (int more = 0; more < 12; more++) {
        table.append(
            List.of(rows.get(0).values()), Optional.of(new TransactionId("test", more + 1)));
      }
      long before = table.latestVersion();
      assertThat(
              table.compact(
                  new FileLayout(100, 1_000_000, 5, "reference_hash"), false, () -> false))
          .isEqualTo(1);
      String path = table.path();
      long count = rows.size() + 12L;
      assertThat(spark.read().format("delta").load(path).count()).isEqualTo(count);
      assertThat(spark.read().format("delta").load(path).inputFiles()).hasSize(1);
      assertThat(spark.read().format("delta").option("versionAsOf", before).load(path).inputFiles())
          .hasSizeGreaterThan(10);
      assertThat(spark.read().format("delta").option("versionAsOf", before).load(path).count())
          .isEqualTo(count);
    }
  }
}
