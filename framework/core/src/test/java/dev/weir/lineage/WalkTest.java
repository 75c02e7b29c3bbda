package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WalkTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");
  private static final String SHA = "0".repeat(63);

  private final Home home;
  private final Events events;
  private int clock;

  WalkTest(@TempDir Path folder) {
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  private static Fact.Read read(String reference, String table) {
    return new Fact.Read("from", reference, table);
  }

  private static Fact.DatasetWritten written(String reference, String table) {
    return new Fact.DatasetWritten("into", reference, table, "p", 1, "d " + reference, "{}");
  }

  private Fact.StageFinished stage(
      String run, String stage, List<Fact.Read> reads, List<Fact.DatasetWritten> datasets) {
    return stage(run, stage, reads, datasets, null);
  }

  private Fact.StageFinished stage(
      String run,
      String stage,
      List<Fact.Read> reads,
      List<Fact.DatasetWritten> datasets,
      Fact.Reused reused) {
    Instant at = AT.plusSeconds(clock++);
    return new Fact.StageFinished(
        at,
        at,
        "p",
        run,
        stage,
        1,
        "T",
        reused == null ? StageState.SUCCEEDED : StageState.REUSED,
        reads,
        datasets,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        reused);
  }

  private void commit(Fact... facts) {
    events.table().append(Events.rows(List.of(facts)));
  }

  private Walk walk(String reference, Walk.Direction direction, int depth) {
    return Walk.of(LineageReader.open(events), new Walk.Start(reference, null), direction, depth);
  }

  private Walk up(String reference) {
    return walk(reference, Walk.Direction.UP, Integer.MAX_VALUE);
  }

  private static List<String> names(Walk walk) {
    return walk.nodes().stream().map(node -> node.depth() + " " + node.reference()).toList();
  }

  private static Set<String> edges(Walk walk) {
    return walk.edges().stream()
        .map(
            edge ->
                edge.from().reference()
                    + " > "
                    + edge.to().reference()
                    + " by "
                    + edge.by().stage())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theGoldenModelIsWalkedUpToItsFilesAndDownAgain() {
    Golden.commits().forEach(facts -> events.table().append(Events.rows(facts)));
    String a = "file:/in/a.csv@" + SHA + "1";
    String b = "file:/in/b.csv@" + SHA + "2";
    // From the events alone, from both, and from the tables alone.
    for (int way = 0; way < 3; way++) {
      Walk up = up("model:credit.default@1");
      assertThat(names(up))
          .containsExactly(
              "0 model:credit.default@1",
              "1 candidate:credit.default@r1",
              "1 dataset:credit.evaluation@1",
              "2 dataset:credit.clean@1",
              "3 dataset:credit.raw@1",
              "4 " + a,
              "4 " + b);
      assertThat(edges(up))
          .containsExactly(
              "candidate:credit.default@r1 > dataset:credit.evaluation@1 by evaluate",
              "candidate:credit.default@r1 > model:credit.default@1 by register",
              "dataset:credit.clean@1 > candidate:credit.default@r1 by train",
              "dataset:credit.clean@1 > dataset:credit.evaluation@1 by evaluate",
              "dataset:credit.evaluation@1 > model:credit.default@1 by register",
              "dataset:credit.raw@1 > dataset:credit.clean@1 by validate",
              a + " > dataset:credit.raw@1 by ingest",
              b + " > dataset:credit.raw@1 by ingest");
      assertThat(up.start().maker())
          .extracting(Walk.Maker::run, Walk.Maker::stage)
          .containsExactly("r1", "register");
      Walk down = walk(b, Walk.Direction.DOWN, Integer.MAX_VALUE);
      assertThat(names(down))
          .contains("0 " + b, "1 dataset:credit.raw@1", "4 model:credit.default@1")
          .contains("4 model:credit.default@2");
      assertThat(down.nodes()).doesNotHaveDuplicates();
      assertThat(up.digests())
          .containsEntry(up.nodes().get(5), SHA + "1")
          .containsKeys(up.nodes().get(3), up.start());
      if (way == 0) {
        LineageTables.of(events).update();
        // What comes after the tables were made has to be laid over them.
        commit(stage("r8", "later", List.of(read("model:credit.default@1", null)), List.of()));
      } else {
        LineageTables.of(events).update();
      }
    }
  }

  @Test
  void diamondsOfSixtyLevelsAreWalkedThingByThing() {
    int levels = 60;
    List<Fact> facts = new ArrayList<>();
    facts.add(stage("r0", "make", List.of(), List.of(written("dataset:d.l0a@0", "l0a"))));
    facts.add(stage("r0", "make2", List.of(), List.of(written("dataset:d.l0b@0", "l0b"))));
    for (int level = 1; level <= levels; level++) {
      List<Fact.Read> both =
          List.of(
              read("dataset:d.l%da@0".formatted(level - 1), "l%da".formatted(level - 1)),
              read("dataset:d.l%db@0".formatted(level - 1), "l%db".formatted(level - 1)));
      for (String side : List.of("a", "b")) {
        String name = "l" + level + side;
        // Each level in a run of its own.
        facts.add(
            stage(
                "r" + level, "s" + name, both, List.of(written("dataset:d." + name + "@0", name))));
      }
    }
    commit(facts.toArray(Fact[]::new));
    LineageTables.of(events).update();

    // There are 2^60 paths.
    Walk up = up("dataset:d.l60a@0");
    assertThat(up.nodes()).hasSize(1 + 2 * levels);
    assertThat(up.edges()).hasSize(2 + 4 * (levels - 1));
    assertThat(up.nodes().get(up.nodes().size() - 1).depth()).isEqualTo(levels);
    Walk down = walk("dataset:d.l0b@0", Walk.Direction.DOWN, Integer.MAX_VALUE);
    assertThat(down.nodes()).hasSize(1 + 2 * levels);

    Walk near = walk("dataset:d.l60a@0", Walk.Direction.UP, 2);
    assertThat(names(near))
        .containsExactly(
            "0 dataset:d.l60a@0",
            "1 dataset:d.l59a@0",
            "1 dataset:d.l59b@0",
            "2 dataset:d.l58a@0",
            "2 dataset:d.l58b@0");
    assertThat(near.edges()).hasSize(6);
    assertThat(near.nodes().get(4).maker())
        .extracting(Walk.Maker::run, Walk.Maker::stage)
        .containsExactly("r58", "sl58b");
  }

  @Test
  void ofTwoTablesUnderOneNameEachHasItsOwnPast() {
    String x = "dataset:d.x@3";
    commit(
        stage("r1", "make", List.of(read("file:/a@" + SHA + "1", "1")), List.of(written(x, "t1"))),
        stage("r1", "use", List.of(read(x, "t1")), List.of(written("dataset:d.y@0", "y"))),
        // The table was dropped, and made again until it had the same version.
        stage("r2", "make", List.of(read("file:/b@" + SHA + "2", "1")), List.of(written(x, "t2"))),
        stage("r2", "use", List.of(read(x, "t2")), List.of(written("dataset:d.z@0", "z"))));
    LineageTables.of(events).update();

    assertThat(names(up("dataset:d.y@0")))
        .containsExactly("0 dataset:d.y@0", "1 " + x, "2 file:/a@" + SHA + "1");
    assertThat(names(up("dataset:d.z@0")))
        .containsExactly("0 dataset:d.z@0", "1 " + x, "2 file:/b@" + SHA + "2");
    Walk newest = up(x);
    assertThat(newest.start().table()).isEqualTo("t2");
    assertThat(newest.otherTables()).containsExactly("t1");
    assertThat(names(newest)).containsExactly("0 " + x, "1 file:/b@" + SHA + "2");
    Walk older =
        Walk.of(
            LineageReader.open(events),
            new Walk.Start(x, "t1"),
            Walk.Direction.DOWN,
            Integer.MAX_VALUE);
    assertThat(names(older)).containsExactly("0 " + x, "1 dataset:d.y@0");
    assertThatThrownBy(
            () ->
                Walk.of(LineageReader.open(events), new Walk.Start(x, "t9"), Walk.Direction.UP, 9))
        .hasMessage(x + " never stood in a table whose id begins with 't9'.");
  }

  @Test
  void aRegistrationsEvaluationStoodInTheTableThatWasThereThen() {
    String evaluation = "dataset:d.evaluation@0";
    commit(
        stage(
            "r1",
            "evaluate",
            List.of(read("file:/a@" + SHA + "1", "1")),
            List.of(written(evaluation, "t1"))),
        new Fact.ModelRegistered(
            AT.plusSeconds(clock++),
            "p",
            "r1",
            "register",
            1,
            "model:d.m@1",
            "candidate:d.m@r1",
            evaluation,
            "x"),
        stage(
            "r2",
            "evaluate",
            List.of(read("file:/b@" + SHA + "2", "1")),
            List.of(written(evaluation, "t2"))),
        new Fact.ModelRegistered(
            AT.plusSeconds(clock++),
            "p",
            "r2",
            "register",
            1,
            "model:d.m@2",
            "candidate:d.m@r2",
            evaluation,
            "x"));
    LineageTables.of(events).update();

    assertThat(names(up("model:d.m@1"))).contains("2 file:/a@" + SHA + "1").hasSize(4);
    assertThat(names(up("model:d.m@2"))).contains("2 file:/b@" + SHA + "2").hasSize(4);
    assertThat(names(walk("file:/a@" + SHA + "1", Walk.Direction.DOWN, 9)))
        .endsWith("2 model:d.m@1");
  }

  @Test
  void whatWasUsedAgainLeadsToTheAttemptThatDidTheWork() {
    String x = "dataset:d.x@0";
    commit(
        stage("r1", "make", List.of(read("file:/a@" + SHA + "1", "1")), List.of(written(x, "t1"))),
        stage(
            "r2",
            "make",
            List.of(read("file:/a@" + SHA + "1", "1")),
            List.of(written(x, "t1")),
            new Fact.Reused("r1", 1)),
        stage("r2", "use", List.of(read(x, "t1")), List.of(written("dataset:d.y@0", "y"))));
    Walk up = up("dataset:d.y@0");
    assertThat(up.edges()).extracting(edge -> edge.by().run()).containsExactly("r2", "r1");
    LineageTables.of(events).update();
    assertThat(edges(up("dataset:d.y@0"))).isEqualTo(edges(up));
  }

  @Test
  void whatLeadsInACircleIsWalkedOnce() {
    // No run can say so; a walk ends all the same.
    commit(
        stage(
            "r1",
            "one",
            List.of(read("dataset:d.x@0", "x")),
            List.of(written("dataset:d.y@0", "y"))),
        stage(
            "r1",
            "two",
            List.of(read("dataset:d.y@0", "y")),
            List.of(written("dataset:d.x@0", "x"))));
    assertThat(names(up("dataset:d.x@0"))).containsExactly("0 dataset:d.x@0", "1 dataset:d.y@0");
    assertThat(up("dataset:d.x@0").edges()).hasSize(2);
  }

  @Test
  void whatIsNotThereIsNamedWithTheNearest() {
    assertUnknown(
        "dataset:d.clean@0",
        "No run has read or made dataset:d.clean@0.",
        "There is no dataset in this home yet.");
    commit(
        stage("r1", "make", List.of(), List.of(written("dataset:d.clean@0", "t"))),
        stage("r2", "make", List.of(), List.of(written("dataset:d.clean@1", "t"))));
    LineageTables.of(events).update();
    assertUnknown(
        "dataset:d.clean@7",
        "No run has read or made dataset:d.clean@7; the last of 2 versions is dataset:d.clean@1.",
        "Look at them all: ./weir sql \"select * from lineage.datasets order by at\".");
    assertUnknown(
        "dataset:d.cleen@1",
        "No run has read or made dataset:d.cleen@1; did you mean 'dataset:d.clean@1'?",
        "The last that there is: dataset:d.clean@1.");
    assertUnknown(
        "model:d.clean",
        "'model:d.clean' names no version: write model:d.clean@1.",
        "Look for it in SQL: ./weir sql \"select reference from lineage.datasets\", or lineage.models.");
  }

  private void assertUnknown(String reference, String message, String remedy) {
    assertThatThrownBy(() -> up(reference))
        .hasMessage(message)
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("no-reference");
              assertThat(e.remedy()).isEqualTo(remedy);
            });
  }
}
