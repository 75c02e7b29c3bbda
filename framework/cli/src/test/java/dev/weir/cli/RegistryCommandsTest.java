package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.artifact.ModelName;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Aliases;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.store.Home;
import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands about models, in a home with two real versions of one, whose life the tests follow
 * one after the other.
 */
@TestMethodOrder(OrderAnnotation.class)
class RegistryCommandsTest {
  private static final String ME = Actor.of(System.getenv(), null).text();

  private static final String USER = Actor.of(System.getenv(), null).name();

  @TempDir static Path temporary;

  private static TestProject project;

  @BeforeAll
  static void runs() {
    TestSession.start();
    StringBuilder csv = new StringBuilder("id,visits,returned,churned\n");
    for (int id = 1; id <= 120; id++) {
      int visits = id * 37 % 23;
      int returned = id * 29 % 7;
      int churned = returned * 4 - visits + id * 71 % 19 > 8 ? 1 : 0;
      csv.append("%d,%d,%d,%d%n".formatted(id, visits, returned, churned));
    }
    project =
        new TestProject(temporary.resolve("a project"))
            .file("in.csv", csv.toString())
            .file(
                "conf/weir.yaml",
                """
                models: [ { name: 'shop.*', approval: required, four-eyes: true, aliases: [ champion ] } ]
                """)
            .pipeline(
                "churn",
                """
                pipeline: churn
                params: { seed: 7, iterations: 5 }
                stages:
                  - uses: ingest
                    with: { source: { format: csv, path: in.csv }, into: shop.raw }
                  - uses: train
                    with:
                      from: shop.raw
                      into: shop.churn
                      label: churned
                      key: id
                      stages:
                        - VectorAssembler: { inputCols: [ visits, returned ], outputCol: features }
                        - LogisticRegression:
                            maxIter: ${iterations}
                  - uses: predict
                    with: { from: shop.raw, model: shop.churn, into: shop.predictions, keep: [ id, churned ] }
                  - uses: evaluate
                    with: { from: shop.predictions, into: shop.evaluation, model: shop.churn, label: churned, task: binary }
                  - uses: register
                    with: { model: shop.churn, evaluation: shop.evaluation }
                """);
    for (String iterations : List.of("5", "1")) {
      TestProject.Said run = project.weir("run", "churn", "--param", "iterations=" + iterations);
      assertThat(run.code()).as(run.out() + run.err()).isZero();
    }
  }

  private static void assertSaid(TestProject.Said said, String... lines) {
    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.lines()).containsExactly(lines);
  }

  private static void assertRefused(TestProject.Said said, String message) {
    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).isEqualTo("weir: " + message + System.lineSeparator());
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  @Test
  @Order(1)
  void modelsAreListedAndChosen() {
    TestProject.Said said = project.weir("models");
    assertThat(said.code()).isZero();
    assertThat(said.lines()).hasSize(3);
    assertThat(said.lines().get(0))
        .matches("model +state +aliases +registered \\(UTC\\) +by +type");
    assertThat(said.lines().get(1))
        .matches(
            "shop\\.churn@1  registered           \\S+ \\S+  %s +LogisticRegressionModel"
                .formatted(USER));
    assertThat(project.weir("models", "shop.churn").lines()).hasSize(3);
    assertThat(project.weir("models", "--where", "number = 2 and auc-roc > 0.5").lines())
        .hasSize(2)
        .last()
        .asString()
        .startsWith("shop.churn@2  registered");
    assertThat(project.weir("models", "--where", "auc-roc > 1").err())
        .isEqualTo("No model meets the conditions.%n".formatted());
    assertThat(project.weir("models", "--at", "2026-01-01").err())
        .isEqualTo("No model is registered yet.%n".formatted());
  }

  @Test
  @Order(2)
  void whatIsAskedWronglyIsAnsweredWithTheNearest() {
    assertRefused(
        project.weir("models", "shop.chrun"),
        "There is no registered model shop.chrun in the home; did you mean 'shop.churn'? There are shop.churn.");
    assertRefused(
        project.weir("models", "shop.churn@3"),
        "There is no version 3 of shop.churn. The latest is 2.");
    assertThat(project.weir("models", "--where", "acu-roc > 0.5").err())
        .startsWith(
            "weir: There is no field or metric 'acu-roc'; did you mean 'auc-roc'? There are name, number,");
    assertRefused(
        project.weir("models", "--where", "state = aproved"),
        "In 'state = aproved' there is no state 'aproved', nearest is 'approved'; there are registered, approved, rejected, retired. Write conditions such as 'auc-roc > 0.75 and state = approved'.");
    assertRefused(
        project.weir("models", "--at", "noon"),
        "--at is 'noon', which is no time. Write it as 2026-01-31T12:00:00Z, or as a day, which begins at 00:00 UTC.");
    assertRefused(
        project.weir("approve", "shop.churn@1"),
        "No reason is given. Say with --reason why: it is kept for good, for whoever asks later.");
    assertRefused(
        project.weir("approve", "shop.churn@1", "--reason= "),
        "The reason is empty. Say with --reason why: it is kept for good, for whoever asks later.");
    assertRefused(
        project.weir("approve", "shop.churn", "--reason=good"),
        "'shop.churn' names no version. Write shop.churn@2, or another of its 2.");
  }

  @Test
  @Order(3)
  void whoTrainedItDoesNotApproveIt() throws Exception {
    String run = json(project.weir("models", "shop.churn@1", "--json").out()).get("run").asText();
    String rule =
        "The policy for 'shop.*' asks for four eyes, and %s started run %s, which trained and registered model:shop.churn@1."
            .formatted(USER, run);
    assertRefused(
        project.weir("approve", "shop.churn@1", "--reason=good"),
        rule
            + " Let somebody else approve it. --override sets the rule aside, and is kept with it.");
    assertRefused(
        project.weir("alias", "shop.churn@1", "champion", "--reason=first"),
        "The policy for 'shop.*' lets champion name approved versions only, and model:shop.churn@1 is not approved. Have it approved: ./weir approve shop.churn@1. --override sets the rule aside, and is kept with it.");
    assertRefused(
        project.weir(
            "approve", "shop.churn@1", "--evaluation=dataset:shop.evaluation@9", "--reason=good"),
        "dataset:shop.evaluation@9 is not the evaluation of model:shop.churn@1, which was registered on dataset:shop.evaluation@0. Look at its own evaluation, and name that or none.");
    assertSaid(
        project.weir(
            "approve",
            "model:shop.churn@1",
            "--reason=nobody else is here",
            "--by=Grace",
            "--override"),
        "model:shop.churn@1 is approved on dataset:shop.evaluation@0, by %s for Grace."
            .formatted(ME),
        "Set aside: " + rule);
  }

  @Test
  @Order(4)
  void anAliasIsMovedAndPredictFollowsIt() throws Exception {
    assertSaid(
        project.weir("alias", "shop.churn@1", "champion", "--from=none", "--reason=first"),
        "champion of shop.churn names model:shop.churn@1 now, after no version, by %s."
            .formatted(ME));
    Path in =
        Files.writeString(
            project.folder().resolve("new.csv"), "id,visits,returned\n1,3,6\n2,22,0\n");
    assertSaid(
        project.weir(
            "predict",
            "shop.churn@champion",
            "--in=" + in,
            "--out=" + project.folder().resolve("scores.csv")),
        "model:shop.churn@1 scored 2 rows into " + project.folder().resolve("scores.csv"));
    assertRefused(
        project.weir(
            "predict",
            "model:shop.churn@chmpion",
            "--in=" + in,
            "--out=" + project.folder().resolve("never.csv")),
        "There is no alias chmpion of shop.churn; did you mean 'champion'? There are champion.");

    assertRefused(
        project.weir(
            "alias",
            "shop.churn@2",
            "champion",
            "--from=shop.churn@2",
            "--reason=second",
            "--override"),
        "champion of shop.churn names model:shop.churn@1, and was thought to name model:shop.churn@2: %s moved it: first. Look again at what it names: ./weir models shop.churn."
            .formatted(ME));
    assertSaid(
        project.weir("alias", "shop.churn@2", "challenger", "--reason=trial"),
        "challenger of shop.churn names model:shop.churn@2 now, after no version, by %s."
            .formatted(ME));
    assertRefused(
        project.weir("retire", "shop.churn@challenger", "--reason=old"),
        "model:shop.churn@2 is named by the alias challenger. Move that to another version first. --override sets the rule aside, and is kept with it.");
    assertSaid(
        project.weir("alias", "shop.churn", "challenger", "--remove", "--reason=over"),
        "challenger of shop.churn names no version any more, after model:shop.churn@2, by %s."
            .formatted(ME));
    assertSaid(
        project.weir("reject", "shop.churn@2", "--reason=worse"),
        "model:shop.churn@2 is rejected on dataset:shop.evaluation@1, by %s.".formatted(ME));
    assertSaid(
        project.weir("retire", "shop.churn@2", "--reason=worse"),
        "model:shop.churn@2 is retired, by %s.".formatted(ME));
  }

  @Test
  @Order(5)
  void oneModelIsShownWhole() throws Exception {
    TestProject.Said said = project.weir("models", "shop.churn@champion");
    assertThat(said.code()).isZero();
    assertThat(said.out())
        .startsWith("model:shop.churn@1  approved  champion\n")
        .containsPattern(
            "(?m)^  type       org\\.apache\\.spark\\.ml\\.\\S+LogisticRegressionModel$")
        .containsPattern("(?m)^  registered \\S+ \\S+ UTC by " + USER + " in run \\S+$")
        .containsPattern("(?m)^  trained on dataset:shop\\.raw@0  read by train$")
        .contains("\n  evaluation dataset:shop.evaluation@0\n")
        .containsPattern("(?m)^             auc-roc +0\\.\\d{4}$")
        .containsPattern("(?m)^  made with  spark       4\\.1\\.0$")
        .containsPattern(
            "(?m)^  reviews    \\S+ \\S+ UTC  approved by \\Q%s\\E for Grace: nobody else is here$"
                .formatted(ME))
        .contains("    set aside: The policy for 'shop.*' asks for four eyes, and ")
        .containsPattern(
            "(?m)^  aliases    \\S+ \\S+ UTC  champion by \\Q%s\\E: first$".formatted(ME))
        .doesNotContain("shop.predictions");

    JsonNode model = json(project.weir("models", "shop.churn@1", "--json").out());
    assertThat(model.get("reference").asText()).isEqualTo("model:shop.churn@1");
    assertThat(model.get("state").asText()).isEqualTo("APPROVED");
    assertThat(model.at("/aliases/0").asText()).isEqualTo("champion");
    assertThat(model.at("/training_data/0/reference").asText()).isEqualTo("dataset:shop.raw@0");
    assertThat(model.at("/metrics/auc-roc").asDouble()).isBetween(0.5, 1.0);
    assertThat(model.at("/environment/spark").asText()).isEqualTo("4.1.0");
    assertThat(model.at("/reviews/0/by/claimed").asText()).isEqualTo("Grace");
    assertThat(model.at("/alias_periods/0/valid_to").isNull()).isTrue();
    assertThat(project.weir("models", "--json").lines()).hasSize(2);
    assertThat(project.weir("models", "--where=alias = champion").lines()).hasSize(2);
  }

  @Test
  @Order(6)
  void sqlSaysWhatTheCommandsSay() {
    assertThat(
            project
                .weir(
                    "sql",
                    "--format=csv",
                    "select reference, state, aliases, reviewed_by, claimed_by, reviewed_on, overrode is not null as overrode, evaluation, registered_by, trained_in = run as one from lineage.model_versions order by number")
                .lines())
        .containsExactly(
            "reference,state,aliases,reviewed_by,claimed_by,reviewed_on,overrode,evaluation,registered_by,one",
            "model:shop.churn@1,APPROVED,champion,%s,Grace,dataset:shop.evaluation@0,true,dataset:shop.evaluation@0,%s,true"
                .formatted(USER, USER),
            "model:shop.churn@2,RETIRED,,%s,,,false,dataset:shop.evaluation@1,%s,true"
                .formatted(USER, USER));
    assertThat(
            project
                .weir(
                    "sql",
                    "--format=csv",
                    "select alias, reference, valid_to is null as now, reason from lineage.alias_periods order by alias")
                .lines())
        .containsExactly(
            "alias,reference,now,reason",
            "challenger,model:shop.churn@2,false,trial",
            "champion,model:shop.churn@1,true,first");
    assertThat(project.weir("sql", "--format=csv", "show tables in lineage").out())
        .contains("lineage,alias_periods,", "lineage,model_versions,");
    for (String view : List.of("alias_periods", "model_versions")) {
      List<String> columns =
          project.weir("sql", "--format=csv", "describe lineage." + view).lines();
      assertThat(columns.subList(1, columns.size()))
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line).matches("\\w+,\\w+,\"?.+\\.\"?"));
    }
    assertThat(project.weir("sql", "select * from lineage.alias_period").err())
        .contains(
            "there is no lineage.alias_period in the home; did you mean 'lineage.alias_periods'?");
  }

  @Test
  @Order(7)
  void noneOfItNeedsSpark() throws Exception {
    List<URL> paths = new ArrayList<>();
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!Path.of(path).getFileName().toString().matches("(spark-|scala-|delta-spark).*\\.jar")) {
        paths.add(Path.of(path).toUri().toURL());
      }
    }
    ClassLoader own = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(paths.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> loader.loadClass(SparkSession.class.getName()))
          .isInstanceOf(ClassNotFoundException.class);
      Thread.currentThread().setContextClassLoader(loader);
      Method main = loader.loadClass(Main.class.getName()).getMethod("execute", String[].class);
      for (List<String> command :
          List.of(
              List.of("models"),
              List.of("models", "shop.churn@1", "--json"),
              List.of("models", "--where", "auc-roc > 0.1"),
              List.of("approve", "shop.churn@1", "--help"),
              List.of("reject", "shop.churn@1", "--reason=a", "--override"),
              List.of("approve", "shop.churn@1", "--reason=b", "--override"),
              List.of("alias", "shop.churn@1", "other", "--reason=c"),
              List.of("alias", "shop.churn", "other", "--remove", "--reason=d"))) {
        List<String> all = new ArrayList<>(command);
        all.add("--directory=" + project.folder());
        all.add("--home=" + project.home());
        assertThat(main.invoke(null, (Object) all.toArray(String[]::new)))
            .as(String.join(" ", command))
            .isEqualTo(0);
      }
    } finally {
      Thread.currentThread().setContextClassLoader(own);
    }
  }

  @Test
  void whatAnAliasMeantIsTheSameInSqlAsReadOffTheMoves(@TempDir Path folder) {
    Random random = new Random(4);
    List<String> keys = List.of("a.m@live", "a.m@trial", "b.m@live");
    List<Fact.Deed> moves = new ArrayList<>();
    Map<String, String> named = new TreeMap<>();
    Instant at = Instant.parse("2026-01-02T03:04:05.000006Z");
    for (int i = 0; i < 80; i++) {
      String key = keys.get(random.nextInt(keys.size()));
      String model = key.substring(0, 3);
      String from = named.get(key);
      String to =
          from != null && random.nextInt(4) == 0
              ? null
              : "model:%s@%d".formatted(model, 1 + random.nextInt(5));
      moves.add(
          new Fact.AliasMoved(
              at,
              new Actor("mover-" + i, "ship", null),
              model,
              key.substring(4),
              from,
              to,
              "it's number \"" + i + "\"",
              i % 7 == 0 ? "a rule" : null));
      named.put(key, to);
      at = at.plusNanos(1000L * (1 + random.nextInt(5_000_000)));
    }
    TestProject other = new TestProject(folder.resolve("other"));
    Aliases aliases;
    try (Home home = Home.open(Path.of(other.home()))) {
      Events events = Events.open(home);
      // Half is in the tables, and half is laid over them.
      events.append(moves.subList(0, 40));
      events.append(moves.subList(40, 80));
      aliases = Aliases.of(LineageReader.open(events));
    }

    // By looking at every moment between moves for the last move before it.
    TreeSet<Instant> moments = new TreeSet<>();
    moves.forEach(move -> moments.addAll(List.of(move.at(), move.at().minusNanos(1000))));
    List<String> asked = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (Instant moment : moments) {
      asked.add("timestamp'%s'".formatted(moment));
      for (String key : keys) {
        Fact.AliasMoved last = null;
        for (Fact.Deed deed : moves) {
          Fact.AliasMoved move = (Fact.AliasMoved) deed;
          if (key.equals(move.model() + "@" + move.alias()) && !move.at().isAfter(moment)) {
            last = move;
          }
        }
        String reference = last == null ? null : last.to();
        assertThat(
                aliases
                    .at(ModelName.parse(key.substring(0, 3)), key.substring(4), moment)
                    .map(period -> period.version().reference()))
            .isEqualTo(java.util.Optional.ofNullable(reference));
        if (reference != null) {
          expected.add("%s,%s,%s".formatted(key, reference, last.by().name()));
        }
      }
    }
    TestProject.Said said =
        other.weir(
            "sql",
            "--format=csv",
            """
            select concat(p.name, '@', p.alias) as key, p.reference, p.moved_by
            from (select explode(array(%s)) as at) m
            join lineage.alias_periods p
              on p.valid_from <= m.at and (p.valid_to is null or m.at < p.valid_to)
            order by m.at, key
            """
                .formatted(String.join(", ", asked)));
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.lines().subList(1, said.lines().size())).isEqualTo(expected);
    assertThat(aliases.periods())
        .extracting(period -> period.reason() + period.overrode())
        .contains("it's number \"0\"a rule");
    assertThat(Arrays.asList(said.lines().get(0))).containsExactly("key,reference,moved_by");
  }
}
