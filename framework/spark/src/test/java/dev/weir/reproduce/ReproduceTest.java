package dev.weir.reproduce;

import static dev.weir.ingest.Files.csv;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.ModelOutput.toModel;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.artifact.DatasetName;
import dev.weir.code.Compiled;
import dev.weir.config.Secret;
import dev.weir.error.WeirException;
import dev.weir.ingest.Ingest;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.InterventionDeeds;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.QuarantineVersion;
import dev.weir.lineage.RunState;
import dev.weir.ml.Train;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.StageTypes;
import dev.weir.quality.Bound;
import dev.weir.quality.Check;
import dev.weir.quality.Rows;
import dev.weir.quality.Validate;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.VectorAssembler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model is made again from what was recorded, and what comes out otherwise has its cause. */
@Timeout(900)
class ReproduceTest {
  private static final String SCALE =
      """
      package my;

      import dev.weir.pipeline.Input;
      import dev.weir.pipeline.Output;
      import dev.weir.pipeline.Stage;
      import dev.weir.pipeline.StageContext;

      public record Scale(Input from, Output into, double factor) implements Stage {
        @Override
        public void run(StageContext context) {
          context.write(
              into,
              context
                  .read(from)
                  .selectExpr("id", "x * " + factor + " as x", "y * 2.0D as y", "late"));
        }
      }
      """;

  @TempDir static Path folder;

  /** Where the home is that all tests look at, and the copies that they spoil. */
  private static Path home;

  private static Compiled compiled;
  private static StageTypes types;
  private static String run;
  private static int copies;

  @BeforeAll
  static void makeTheModels() throws Exception {
    TestSpark.session();
    home = folder.resolve("home");
    Files.createDirectories(folder.resolve("in"));
    StringBuilder rows = new StringBuilder("id,x,y,late\n");
    for (int i = 1; i <= 200; i++) {
      double x = i * 37 % 23 / 7.0;
      double y = i * 29 % 31 / 3.0;
      rows.append(i).append(',').append(x).append(',').append(y);
      rows.append(',').append(x * 2 - y + i * 71 % 19 > 9 ? 1 : 0).append('\n');
    }
    Files.writeString(folder.resolve("in/rows.csv"), rows);
    compiled = new Compiled(folder);
    ClassLoader loader = Compiled.loader(compiled.folder(Map.of("my.Scale", SCALE)));
    types = StageTypes.of(loader);
    Stage scale =
        Class.forName("my.Scale", true, loader)
            .asSubclass(Stage.class)
            .getConstructor(Input.class, Output.class, double.class)
            .newInstance(from("t.raw"), to("t.clean"), 0.5);
    run(
        Pipeline.named("prepare")
            .stage(
                "ingest",
                new Ingest(
                    csv("in/rows.csv").withSchema("id bigint, x double, y double, late int"),
                    to("t.raw")))
            .stage("scale", scale)
            .build());
    Train train =
        new Train(
                from("t.clean"),
                toModel("t.model"),
                "late",
                new VectorAssembler()
                    .setInputCols(new String[] {"x", "y"})
                    .setOutputCol("features"),
                new LogisticRegression().setMaxIter(20))
            .withKey("id");
    run =
        run(Pipeline.named("learn")
                .param("seed", 7)
                .stage("train", train)
                .stage(
                    "wide",
                    new Train(
                        from("t.clean"),
                        toModel("t.wide"),
                        "late",
                        train.stages(),
                        null,
                        "id",
                        3,
                        false))
                .stage("keyed", new Keyed(from("t.clean"), to("t.keyed"), "hunter2"))
                .stage(
                    "secret",
                    new Train(
                        from("t.keyed"),
                        toModel("t.secret"),
                        "late",
                        train.stages(),
                        null,
                        "id",
                        null,
                        false))
                .build())
            .run();
  }

  /** Copies what it reads, with a password. */
  record Keyed(Input from, Output into, @Secret String password) implements Stage {
    @Override
    public void run(StageContext context) {
      context.write(into, context.read(from));
    }
  }

  private static RunResult run(Pipeline pipeline) throws InterruptedException {
    RunRequest request =
        RunRequest.of(pipeline, home.toUri(), folder.toUri(), SparkSettings.bare());
    try (Runner runner = Runner.open(request, event -> {})) {
      RunResult result = runner.start().await();
      assertThat(result.state()).as(String.valueOf(result.error())).isEqualTo(RunState.SUCCEEDED);
      return result;
    }
  }

  private static Reproduced reproduce(String model, Path where, StageTypes with)
      throws InterruptedException {
    return Reproduction.of(request(model, where, with, 1e-6, false), event -> {});
  }

  private static ReproductionRequest request(
      String model, Path where, StageTypes with, double tolerance, boolean keep) {
    return new ReproductionRequest(
        "candidate:%s@%s".formatted(model, run),
        where.toUri(),
        folder.resolve("scratch").toUri(),
        keep,
        folder.toUri(),
        with,
        SparkSettings.bare(),
        List.of(),
        tolerance,
        Map.of());
  }

  /**
   * A copy of the home with other facts.
   *
   * @param facts what a fact's body becomes, by its kind
   */
  private static Path copy(BinaryOperator<String> facts) throws IOException {
    Path copy = folder.resolve("copy" + copies++);
    for (String part : List.of("datasets", "models")) {
      try (Stream<Path> files = Files.walk(home.resolve(part))) {
        for (Path file : files.toList()) {
          Files.copy(file, copy(copy, file));
        }
      }
    }
    List<String> columns = List.of("at", "kind", "pipeline", "run", "stage", "attempt", "body");
    try (Home original = Home.open(home);
        Home other = Home.open(copy)) {
      List<List<@Nullable Object>> rows = new ArrayList<>();
      for (Row row : Events.open(original).table().latest().rows(columns, List.of())) {
        List<@Nullable Object> values = new ArrayList<>();
        columns.forEach(column -> values.add(row.get(column)));
        values.set(6, facts.apply(row.string("kind"), row.string("body")));
        rows.add(values);
      }
      Events.open(other).table().append(rows);
    }
    return copy;
  }

  private static Path copy(Path copy, Path file) throws IOException {
    Path target = copy.resolve(home.relativize(file).toString());
    Files.createDirectories(target.getParent());
    return target;
  }

  /** The body of a stage's end, with another digest recorded of what it made. */
  private static String otherDigest(String body, String reference) {
    Matcher digest =
        Pattern.compile(
                "(\"reference\":\"%s@[^}]*?\"(?:digest|content)\":\")([0-9a-f]{64})(\",\"(?:schema|files))"
                    .formatted(reference))
            .matcher(body);
    assertThat(digest.find()).as(body).isTrue();
    return digest.replaceFirst("$1" + "a".repeat(64) + "$3");
  }

  private static boolean endOf(String stage, String kind, String body) {
    return kind.equals("stage-finished") && body.contains("\"stage\":\"" + stage + "\"");
  }

  private static List<String> causes(List<Cause> causes) {
    return causes.stream().map(cause -> cause.kind() + " in " + cause.stage()).toList();
  }

  private static List<String> differing(Reproduced reproduced, Likeness likeness) {
    return reproduced.compared().stream()
        .filter(one -> one.likeness() == likeness)
        .filter(one -> one.kind() != Compared.Kind.METRIC)
        .map(Compared::name)
        .toList();
  }

  private static Map<String, Long> files(Path where) throws IOException {
    Map<String, Long> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(where)) {
      for (Path file : walk.toList()) {
        files.put(
            file + " " + (Files.isRegularFile(file) ? Files.size(file) : 0),
            Files.getLastModifiedTime(file).toMillis());
      }
    }
    return files;
  }

  /** The homes in which models were made again. */
  private static Set<Path> scratch() throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch"));
    try (Stream<Path> homes = Files.list(scratch)) {
      return homes.collect(Collectors.toSet());
    }
  }

  @Test
  void aModelComesOutTheSameFromTwoRunsAndItsHomeStaysAsItIs() throws Exception {
    Map<String, Long> before = files(home);

    Reproduced reproduced =
        Reproduction.of(request("t.model", home, types, 1e-9, true), event -> {});

    assertThat(reproduced.verdict()).as(reproduced.toString()).isEqualTo(Likeness.IDENTICAL);
    assertThat(reproduced.causes()).isEmpty();
    assertThat(reproduced.notes()).isEmpty();
    assertThat(differing(reproduced, Likeness.IDENTICAL))
        .containsExactly("dataset:t.raw@0", "dataset:t.clean@0", "candidate:t.model@" + run);
    assertThat(reproduced.compared())
        .extracting(Compared::name)
        .contains("training-rows")
        .doesNotContain("fit-seconds");
    assertThat(files(home)).isEqualTo(before);
    assertThat(reproduced.home()).isNotNull();
    Path kept = Path.of(reproduced.home());
    // What was ingested is read where it is.
    assertThat(kept.resolve("datasets/t/clean")).isDirectory();
    assertThat(kept.resolve("datasets/t/raw")).doesNotExist();
  }

  @Test
  void whatPeopleHadDecidedOfTheDataIsDecidedAgain() throws Exception {
    Pipeline mend =
        Pipeline.named("mend")
            .stage(
                "validate",
                new Validate(
                    from("t.raw"),
                    to("t.mended"),
                    to("t.aside"),
                    new Check.Range("y", null, Bound.of(9.5), false, Rows.quarantined(0.1)),
                    Check.rowCount(1000)))
            .stage(
                "train",
                new Train(
                        from("t.mended"),
                        toModel("t.mender"),
                        "late",
                        new VectorAssembler()
                            .setInputCols(new String[] {"x", "y"})
                            .setOutputCol("features"),
                        new LogisticRegression().setMaxIter(5))
                    .withKey("id"))
            .build();
    Actor ada = new Actor("ada", "ship", null);
    RunRequest request = RunRequest.of(mend, home.toUri(), folder.toUri(), SparkSettings.bare());
    try (Runner runner = Runner.open(request, event -> {})) {
      assertThat(runner.start().await().state()).isEqualTo(RunState.HALTED);
    }
    try (Home opened = Home.open(home)) {
      var unused =
          InterventionDeeds.override(
              Events.open(opened), "mend", DatasetName.parse("t.raw"), null, ada, "few");
    }
    run(mend);
    try (Home opened = Home.open(home)) {
      Events events = Events.open(opened);
      var unused =
          InterventionDeeds.correct(
              events,
              QuarantineVersion.find(
                  LineageReader.open(events), DatasetName.parse("t.aside"), null),
              List.of(new Fact.Assignment("y", "9.5")),
              "id < 100",
              ada,
              "at most so much");
    }
    String mended = run(mend).run();

    Reproduced reproduced =
        Reproduction.of(
            new ReproductionRequest(
                "candidate:t.mender@" + mended,
                home.toUri(),
                folder.resolve("scratch").toUri(),
                false,
                folder.toUri(),
                types,
                SparkSettings.bare(),
                List.of(),
                1e-9,
                Map.of()),
            event -> {});

    assertThat(reproduced.verdict()).as(reproduced.toString()).isEqualTo(Likeness.IDENTICAL);
    assertThat(reproduced.causes()).isEmpty();
    assertThat(differing(reproduced, Likeness.IDENTICAL))
        .containsExactlyInAnyOrder(
            "dataset:t.raw@0",
            "dataset:t.aside@1",
            "dataset:t.mended@1",
            "candidate:t.mender@" + mended);
  }

  @Test
  void rowsThatAreNoLongerThoseThatWerePublishedAreACause() throws Exception {
    Path copy = copy((kind, body) -> body);
    Path table = copy.resolve("datasets/t/raw");
    Path file;
    try (Stream<Path> files = Files.list(table)) {
      file = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    Path other = folder.resolve("other");
    TestSpark.session()
        .read()
        .parquet(file.toString())
        .selectExpr("id", "if(id = 7, x + 5, x) as x", "y", "late", "_corrupt_record")
        .coalesce(1)
        .write()
        .parquet(other.toString());
    long length = Files.size(file);
    try (Stream<Path> files = Files.list(other)) {
      Files.copy(
          files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow(),
          file,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    Files.deleteIfExists(table.resolve("." + file.getFileName() + ".crc"));
    Path log = table.resolve("_delta_log/00000000000000000000.json");
    Files.writeString(
        log,
        Files.readString(log)
            .replace("\"size\":" + length, "\"size\":" + Files.size(file))
            .replaceAll(",\"stats\":\"(\\\\.|[^\"\\\\])*\"", ""));
    Files.deleteIfExists(table.resolve("_delta_log/.00000000000000000000.json.crc"));

    Reproduced reproduced = reproduce("t.model", copy, types);

    assertThat(reproduced.verdict()).isEqualTo(Likeness.DIFFERENT);
    assertThat(reproduced.causes())
        .containsExactly(
            new Cause(
                Cause.Kind.DATA,
                "ingest",
                "dataset:t.raw@0 holds other rows than were published as it"));
    assertThat(differing(reproduced, Likeness.DIFFERENT))
        .containsExactly("dataset:t.raw@0", "dataset:t.clean@0", "candidate:t.model@" + run);
    assertThat(reproduced.compared())
        .filteredOn(one -> one.name().equals("dataset:t.clean@0"))
        .singleElement()
        .satisfies(one -> assertThat(one.detail()).startsWith("x: ").contains(", apart by "));
    assertThat(reproduced.compared())
        .filteredOn(one -> one.kind() == Compared.Kind.MODEL)
        .singleElement()
        .satisfies(
            one -> assertThat(one.detail()).startsWith("stages/1/data ").contains(", apart by "));

    Files.delete(file);
    Reproduced gone = reproduce("t.model", copy, types);
    assertThat(gone.verdict()).isEqualTo(Likeness.DIFFERENT);
    assertThat(gone.causes())
        .singleElement()
        .satisfies(
            cause -> {
              assertThat(cause.kind()).isEqualTo(Cause.Kind.DATA);
              assertThat(cause.text()).startsWith("dataset:t.raw@0 can't be read any more: ");
            });
    assertThat(gone.compared())
        .singleElement()
        .satisfies(one -> assertThat(one.now()).isEqualTo("can't be read"));
  }

  @Test
  void codeThatChangedIsACauseAndWhatItHardlyChangesIsEqual() throws Exception {
    StageTypes other =
        StageTypes.of(
            Compiled.loader(compiled.folder(Map.of("my.Scale", SCALE.replace("2.0D", "3.0D")))));

    Set<Path> before = scratch();
    Reproduced reproduced = reproduce("t.model", home, other);

    assertThat(reproduced.home()).isNull();
    assertThat(scratch()).isEqualTo(before);
    assertThat(reproduced.verdict()).isEqualTo(Likeness.DIFFERENT);
    assertThat(reproduced.causes())
        .containsExactly(new Cause(Cause.Kind.CODE, "scale", "the code changed: my.Scale"));

    StageTypes hardly =
        StageTypes.of(
            Compiled.loader(
                compiled.folder(Map.of("my.Scale", SCALE.replace("2.0D", "2.00000000002D")))));
    Reproduced near = reproduce("t.model", home, hardly);
    assertThat(near.verdict()).as(near.toString()).isEqualTo(Likeness.EQUAL);
    assertThat(causes(near.causes())).containsExactly("CODE in scale");
    assertThat(differing(near, Likeness.EQUAL)).contains("dataset:t.clean@0");

    StageTypes broken =
        StageTypes.of(
            Compiled.loader(compiled.folder(Map.of("my.Scale", SCALE.replace("2.0D", "nothing")))));
    Reproduced failed = reproduce("t.model", home, broken);
    assertThat(causes(failed.causes())).containsExactly("FAILURE in scale", "CODE in scale");
    assertThat(failed.compared())
        .filteredOn(one -> one.kind() == Compared.Kind.STAGE)
        .extracting(Compared::stage, Compared::now)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("scale", "FAILED"));
  }

  @Test
  void aConfigurationThatIsNotTheOneOfThenIsACause() throws Exception {
    Path copy =
        copy(
            (kind, body) ->
                kind.equals("stage-started")
                    ? body.replace("\\\"maxIter\\\":\\\"20\\\"", "\\\"maxIter\\\":\\\"2\\\"")
                    : body);

    Reproduced reproduced = reproduce("t.model", copy, types);

    assertThat(reproduced.verdict()).isEqualTo(Likeness.DIFFERENT);
    assertThat(reproduced.causes())
        .containsExactly(
            new Cause(
                Cause.Kind.CONFIGURATION,
                "train",
                "of what the run's definition says, stages[1].params.maxIter was 20 then and is 2 now"),
            new Cause(
                Cause.Kind.CONFIGURATION,
                "train",
                "parameter 1.LogisticRegression.maxIter was 20 then and is 2 now"));
    assertThat(differing(reproduced, Likeness.DIFFERENT))
        .containsExactly("candidate:t.model@" + run);
  }

  @Test
  void versionsOfThenAreACauseWhereSomethingDiffersAndElseANote() throws Exception {
    String spark = org.apache.spark.package$.MODULE$.SPARK_VERSION();
    String delta = io.delta.package$.MODULE$.VERSION();
    Path copy =
        copy(
            (kind, body) -> {
              if (kind.equals("run-started")) {
                return body.replaceAll("\"java\":\"[^\"]*\"", "\"java\":\"17.0.1 Elsewhere\"")
                    .replaceAll("\"vector_module\":\"[a-z]*\"", "\"vector_module\":\"maybe\"");
              }
              return endOf("scale", kind, body)
                  ? otherDigest(body, "dataset:t.clean")
                      .replace("\"spark\":\"" + spark, "\"spark\":\"4.0.1")
                      .replace("\"delta\":\"" + delta, "\"delta\":\"4.0.0")
                  : body;
            });

    Reproduced reproduced = reproduce("t.model", copy, types);

    assertThat(causes(reproduced.causes()))
        .containsExactly(
            "SPARK in scale", "DELTA in scale", "JAVA in scale", "VECTOR_MODULE in scale");
    assertThat(reproduced.causes())
        .extracting(Cause::text)
        .contains("Spark was 4.0.1 then and is %s now".formatted(spark))
        .contains("Delta was 4.0.0 then and is %s now".formatted(delta))
        .anyMatch(text -> text.startsWith("Java was 17.0.1 Elsewhere then and is "));
    assertThat(causes(reproduced.notes()))
        .containsExactly("JAVA in train", "VECTOR_MODULE in train");
    assertThat(differing(reproduced, Likeness.DIFFERENT)).containsExactly("dataset:t.clean@0");
  }

  @Test
  void whatNothingRecordedExplainsIsSaidToBeUnexplained() throws Exception {
    Path copy =
        copy(
            (kind, body) ->
                endOf("scale", kind, body)
                    ? otherDigest(body, "dataset:t.clean")
                    : endOf("wide", kind, body) ? otherDigest(body, "candidate:t.wide") : body);

    Reproduced reproduced = reproduce("t.model", copy, types);

    assertThat(reproduced.verdict()).isEqualTo(Likeness.DIFFERENT);
    assertThat(reproduced.causes())
        .containsExactly(
            new Cause(
                Cause.Kind.UNEXPLAINED,
                "scale",
                "nothing that was recorded of the stage is otherwise"));
    assertThat(reproduced.compared())
        .filteredOn(one -> one.likeness() == Likeness.DIFFERENT)
        .singleElement()
        .satisfies(
            one ->
                assertThat(one.detail())
                    .isEqualTo("the rows then are not those of the recorded digest"));

    // Of sums over three partitions it is known that they may differ.
    assertThat(causes(reproduce("t.wide", copy, types).causes()))
        .containsExactly("UNEXPLAINED in scale", "PARTITIONS in wide");
  }

  @Test
  void whatCantBeMadeAgainIsSaidBeforeAnythingIsMade() {
    assertThatThrownBy(() -> reproduce("t.secret", home, types))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("candidate:t.secret@" + run + ", which can't be made again:")
        .hasMessageContaining(
            "stage 'keyed' was configured with a secret, which is recorded as *** only");
    assertThatThrownBy(() -> reproduce("t.model", home, StageTypes.of(getClass().getClassLoader())))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining(
            "stage 'scale': no class 'my.Scale' is on the class path: give its jar with --jars");
    assertThatThrownBy(() -> reproduce("t.modle", home, types))
        .isInstanceOf(WeirException.class)
        .hasMessage("There is no candidate:t.modle@" + run + " in the home.");
    assertThatThrownBy(() -> request("t.model", home, types, 1, false))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "The tolerance is 1.0, and it is a part of a number: 0 or more and less than 1.");
  }
}
