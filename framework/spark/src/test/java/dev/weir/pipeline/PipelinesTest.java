package dev.weir.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.pipeline.Steps.Copy;
import dev.weir.pipeline.Steps.Fit;
import dev.weir.pipeline.Steps.Join;
import dev.weir.pipeline.Steps.Make;
import dev.weir.pipeline.Steps.Score;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelinesTest {
  private static final String GOOD =
      """
      pipeline: good
      description: Copies and fits.
      params:
        seed: 7
        source: { help: The file to read. }
        rows: { type: int, default: 100 }
        share: { type: double, default: 1 }
      stages:
        - uses: make
          with: { into: a.raw, rows: "${rows}", source: "in/${source}" }
        - name: clean
          uses: copy
          with:
            from: a.raw
            into: a.clean
          retry: { attempts: 3, backoff: 10s }
          timeout: 20m
        - uses: join
          with: { parts: [a.clean, b.extra@3], named: { z: a.raw, y: a.clean }, into: a.joined }
          after: [clean, fit]
        - uses: fit
          with: { from: a.clean, into: a.model }
        - uses: dev.weir.pipeline.Steps.Score
          with: { model: a.model, from: a.joined, into: a.scored }
      """;

  private final Path folder;

  PipelinesTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("conf/pipelines"));
  }

  @Test
  void theSameFromYamlAndFromJavaIsEqual() throws IOException {
    write("good.yaml", GOOD);
    Pipeline java =
        Pipeline.named("good")
            .param("seed", 7)
            .param("source", "x.csv")
            .param("rows", 50)
            .param("share", 1.0)
            .stage("make", new Make(Output.to("a.raw"), 50, "in/x.csv", null))
            .stage("clean", new Copy("a.raw", "a.clean"))
            .retry(new Retry(3, Duration.ofSeconds(10), Duration.ofMinutes(5)))
            .timeout(Duration.ofMinutes(20))
            .stage(
                "join",
                new Join(
                    List.of(Input.from("a.clean"), Input.from("b.extra@3")),
                    Map.of("y", Input.from("a.clean"), "z", Input.from("a.raw")),
                    Output.to("a.joined")))
            .after("fit", "clean")
            .stage("fit", new Fit("a.clean", "a.model"))
            .stage("score", new Score("a.model", "a.joined", "a.scored"))
            .build();
    Pipeline yaml = load("good", Map.of("source", "x.csv", "rows", "50"));
    assertThat(yaml).isEqualTo(java);
    assertThat(StageJson.of(yaml)).isEqualTo(StageJson.of(java));
    assertThat(yaml.params()).containsOnlyKeys("seed", "source", "rows", "share");
    assertThat(yaml.graph().dependencies()).isEqualTo(java.graph().dependencies());
  }

  @Test
  void everyFaultOfAFileIsPlaced() throws IOException {
    write(
        "bad.yaml",
        """
        pipeline: bad
        paramz: {}
        params:
          seed: x
          rows: { type: int, default: many }
          list: [1]
          kind: { type: integer }
        stages:
          - uses: mak
            with: { into: a.raw }
          - uses: copyright
          - uses: make
            with: { into: a.raw, rows: ten, passwort: x, sorce: y }
            timeout: soon
            retries: 3
          - name: less
            uses: make
            with: { into: a.less, rows: -1 }
            after: mkae
          - name: other
            uses: copy
            with: { from: a.other, into: a.other }
            after: [mak, les]
          - name: other
            uses: copy
            with: { form: a.x, into: X }
          - uses: com.acme.Missing
          - uses: java.lang.String
          - uses: dev.weir.pipeline.Steps.Plain
          - name: a
            uses: copy
            with: { from: c.b, into: c.a }
          - name: b
            uses: copy
            with: { from: c.a, into: c.b }
          - name: a2
            uses: copy
            with: { from: c.x, into: c.a }
          - 5
          - name: no-uses
          - uses: join
            with: { parts: ["${seeed}"], into: a.j }
            retry: { attempts: 0 }
        """);
    assertFaults(
        "bad",
        Map.of(),
        """
        29 faults in the pipeline 'bad':
          conf/pipelines/bad.yaml:2:1: unknown key 'paramz'; did you mean 'params'?
          conf/pipelines/bad.yaml:4:3: the parameter 'seed' is a whole number, not 'x'
          conf/pipelines/bad.yaml:5:31: the default of the parameter 'rows' is a whole number, found the text 'many'
          conf/pipelines/bad.yaml:6:9: the parameter 'list' expects a default or { type, default, help }, found a list
          conf/pipelines/bad.yaml:7:17: 'type': there is no 'integer'; it is one of string, int, double, boolean
          conf/pipelines/bad.yaml:9:11: unknown stage 'mak'; did you mean 'make'?
          conf/pipelines/bad.yaml:11:11: unknown stage 'copyright'; there are copy, fit, join, make, nothing, score; a stage of your own is named by its class, such as com.example.MyStage
          conf/pipelines/bad.yaml:13:32: 'rows' expects a whole number, found the text 'ten'
          conf/pipelines/bad.yaml:13:37: unknown key 'passwort'; did you mean 'password'?
          conf/pipelines/bad.yaml:13:50: unknown key 'sorce'; did you mean 'source'?
          conf/pipelines/bad.yaml:14:14: 'timeout' expects a duration such as 500ms, 10s, 5m, 1h30m or 2d, found the text 'soon'
          conf/pipelines/bad.yaml:15:5: unknown key 'retries'; the keys here are name, uses, with, after, retry, timeout, cache
          conf/pipelines/bad.yaml:18:11: rows is 0 or more, not -1
          conf/pipelines/bad.yaml:19:12: stage 'less' comes after 'mkae', which is no stage of the pipeline; did you mean 'make'?
          conf/pipelines/bad.yaml:22:19: stage 'other' reads a.other, which it publishes itself; an earlier one is read as a.other@<version>
          conf/pipelines/bad.yaml:23:18: stage 'other' comes after 'les', which is no stage of the pipeline; did you mean 'less'?
          conf/pipelines/bad.yaml:24:11: two stages are named 'other': give each a name of its own
          conf/pipelines/bad.yaml:26:13: unknown key 'form'; did you mean 'from'?
          conf/pipelines/bad.yaml:26:30: 'into': 'X' is not a dataset name: it takes the form namespace.name, such as credit.X
          conf/pipelines/bad.yaml:27:11: no class 'com.acme.Missing' is on the class path: give its jar with --jars, or list it under classpath: in conf/weir.yaml
          conf/pipelines/bad.yaml:28:11: java.lang.String is no stage: it does not implement dev.weir.pipeline.Stage
          conf/pipelines/bad.yaml:29:11: dev.weir.pipeline.Steps.Plain is not a record: a stage is a record, so that its components are its configuration
          conf/pipelines/bad.yaml:30:11: the stages wait for each other: a → b → a (b reads c.a of a, a reads c.b of b)
          conf/pipelines/bad.yaml:38:19: stage 'a2' reads the dataset c.x, which no other stage publishes and the home does not hold; did you mean 'c.a'?
          conf/pipelines/bad.yaml:38:30: stages 'a' and 'a2' both publish c.a: in a pipeline one stage does
          conf/pipelines/bad.yaml:39:5: a stage expects a mapping, found the number 5
          conf/pipelines/bad.yaml:40:5: the key 'uses' is missing: A built-in stage, or the class of one of your own.
          conf/pipelines/bad.yaml:42:21: unknown parameter 'seeed'; did you mean 'seed'?
          conf/pipelines/bad.yaml:43:12: attempts is from 1 to 100, not 0""");
  }

  @Test
  void parametersAreChecked() throws IOException {
    write("good.yaml", GOOD);
    assertFaults(
        "good",
        Map.of(),
        """
        1 fault in the pipeline 'good':
          conf/pipelines/good.yaml:5:3: the parameter 'source' has no value (The file to read): give it with --param source=…""");
    assertFaults(
        "good",
        Map.of("sourc", "x"),
        """
        2 faults in the pipeline 'good':
          conf/pipelines/good.yaml:5:3: the parameter 'source' has no value (The file to read): give it with --param source=…
          --param sourc=x: the pipeline has no parameter 'sourc'; did you mean 'source'?""");
    assertFaults(
        "good",
        Map.of("source", "x", "rows", "1.5"),
        """
        1 fault in the pipeline 'good':
          --param rows=1.5: the parameter 'rows' is a whole number, not '1.5'""");
    assertFaults(
        "good",
        Map.of("source", "x", "seed", "zero"),
        """
        1 fault in the pipeline 'good':
          --param seed=zero: the parameter 'seed' is a whole number, not 'zero'""");
    assertFaults(
        "good",
        Map.of("source", "x", "share", "half"),
        """
        1 fault in the pipeline 'good':
          --param share=half: the parameter 'share' is a number, not 'half'""");
    assertThat(load("good", Map.of("source", "x", "share", "0.5")).params())
        .containsEntry("share", 0.5)
        .containsEntry("rows", 100L);
    write("flag.yaml", "pipeline: flag\nparams: { fresh: false }\nstages: [ { uses: nothing } ]\n");
    assertFaults(
        "flag",
        Map.of("fresh", "yes"),
        """
        1 fault in the pipeline 'flag':
          --param fresh=yes: the parameter 'fresh' is true or false, not 'yes'""");
    assertThat(load("flag", Map.of("fresh", "true")).params()).containsEntry("fresh", true);
  }

  @Test
  void whatMustBeThereIsPlaced() throws IOException {
    write("good.yaml", GOOD);
    assertThat(load("good", Set.of("b.extra@3")).toString())
        .isEqualTo("good of conf/pipelines/good.yaml");
    assertThatThrownBy(() -> load("good", Set.of("b.extras")))
        .hasMessage(
            """
            1 fault in the pipeline 'good':
              conf/pipelines/good.yaml:19:20: stage 'join' reads the dataset b.extra@3, which the home does not hold; did you mean 'b.extras'?""");
    assertThatThrownBy(() -> load("good", Set.of("b.extra@1", "b.extra@2")))
        .hasMessage(
            """
            1 fault in the pipeline 'good':
              conf/pipelines/good.yaml:19:20: stage 'join' reads the dataset b.extra@3, a version that the home does not hold; it holds @1, @2""");
  }

  @Test
  void theWiringOfAFaultyStageIsStillSeen() throws IOException {
    write(
        "faulty.yaml",
        """
        pipeline: faulty
        params: { source: a, table: { help: Which. } }
        stages:
          - { uses: make, with: { into: a.raw, rwos: 3 } }
          - { name: twice, uses: make, with: { into: a.raw } }
          - { name: lost, uses: copy, with: { from: a.nowhere, into: a.lost, sorce: x } }
          - { name: typo, uses: make, with: { inot: a.typo } }
          - { name: case, uses: make, with: { into: a.Case } }
          - { name: param, uses: make, with: { into: "a.of_${table}" } }
          - { name: unknown, uses: com.acme.Own, with: { what: { publish: [a.own] } } }
          - name: reads
            uses: join
            with:
              parts: [a.raw, a.lost, a.typo, a.case, a.of_x, a.own, a.rwa]
              named: { pinned: a.own@1, bad: nothing }
              into: a.joined
          - { name: model, uses: score, with: { model: a.model, from: a.joined, into: a.scored, rows: 1 } }
        """);
    assertThatThrownBy(() -> load("faulty", Set.of()))
        .hasMessage(
            """
            13 faults in the pipeline 'faulty':
              conf/pipelines/faulty.yaml:2:22: the parameter 'table' has no value (Which): give it with --param table=…
              conf/pipelines/faulty.yaml:4:40: unknown key 'rwos'; did you mean 'rows'?
              conf/pipelines/faulty.yaml:5:46: stages 'make' and 'twice' both publish a.raw: in a pipeline one stage does
              conf/pipelines/faulty.yaml:6:45: stage 'lost' reads the dataset a.nowhere, which no other stage publishes and the home does not hold
              conf/pipelines/faulty.yaml:6:70: unknown key 'sorce'; the keys here are from, into
              conf/pipelines/faulty.yaml:7:39: unknown key 'inot'; did you mean 'into'?
              conf/pipelines/faulty.yaml:8:45: 'into': 'a.Case' is not a dataset name: it takes the form namespace.name, each a lower-case letter followed by lower-case letters, digits and underscores
              conf/pipelines/faulty.yaml:10:28: no class 'com.acme.Own' is on the class path: give its jar with --jars, or list it under classpath: in conf/weir.yaml
              conf/pipelines/faulty.yaml:14:14: stage 'reads' reads the dataset a.rwa, which no other stage publishes and the home does not hold; did you mean 'a.raw'?
              conf/pipelines/faulty.yaml:15:14: stage 'reads' reads the dataset a.own@1, which the home does not hold
              conf/pipelines/faulty.yaml:15:38: 'bad': 'nothing' is not a dataset name: it takes the form namespace.name, such as credit.nothing
              conf/pipelines/faulty.yaml:17:48: stage 'model' reads the model a.model, which no other stage publishes and the home does not hold
              conf/pipelines/faulty.yaml:17:89: unknown key 'rows'; the keys here are model, from, into""");
  }

  @Test
  void theListToleratesBrokenFiles() throws IOException {
    write("good.yaml", GOOD);
    write("torn.yaml", "pipeline: [");
    write("other.yml", "pipeline: other\nstages: {}\n");
    write("readme.txt", "not one");
    assertThat(new Pipelines(folder).list())
        .containsExactly(
            new Pipelines.Summary(
                "good",
                "Copies and fits.",
                "conf/pipelines/good.yaml",
                5,
                List.of(
                    new PipelineParam("seed", PipelineParam.Type.INT, 7L, null),
                    new PipelineParam(
                        "source", PipelineParam.Type.STRING, null, "The file to read."),
                    new PipelineParam("rows", PipelineParam.Type.INT, 100L, null),
                    new PipelineParam("share", PipelineParam.Type.DOUBLE, 1.0, null)),
                List.of()),
            new Pipelines.Summary(
                "other",
                null,
                "conf/pipelines/other.yml",
                0,
                List.of(),
                List.of("conf/pipelines/other.yml:2:9: 'stages' expects a list, found a mapping")),
            new Pipelines.Summary(
                "torn",
                null,
                "conf/pipelines/torn.yaml",
                0,
                List.of(),
                List.of(
                    "conf/pipelines/torn.yaml:1:12: not YAML: while parsing a flow node, expected"
                        + " the node content, but found '<stream end>'")));
    assertThat(new Pipelines(folder.resolve("conf")).list()).isEmpty();
    assertThatThrownBy(() -> load("torn", Map.of()))
        .hasMessageStartingWith("1 fault in conf/pipelines/torn.yaml:");
  }

  @Test
  void aPipelineIsFoundByItsName() throws IOException {
    assertText(
        () -> load("good", Map.of()),
        "There is no pipeline 'good' in %s/conf/pipelines, which holds none. Write one as conf/pipelines/good.yaml."
            .formatted(folder));
    write("one.yaml", "pipeline: same\nstages: [ { uses: nothing } ]\n");
    assertThat(load("same", Map.of()).name()).isEqualTo("same");
    assertText(
        () -> load("some", Map.of()),
        "There is no pipeline 'some' in %s/conf/pipelines. Did you mean 'same'?".formatted(folder));
    assertText(
        () -> load("nothing", Map.of()),
        "There is no pipeline 'nothing' in %s/conf/pipelines. There are same.".formatted(folder));
    write("two.yaml", "pipeline: same\nstages: [ { uses: nothing } ]\n");
    assertText(
        () -> load("same", Map.of()),
        "'same' is the name of several pipelines: conf/pipelines/one.yaml, conf/pipelines/two.yaml. Give each a name of its own.");
  }

  @Test
  void emptyFilesAreSaid() throws IOException {
    write("empty.yaml", "");
    assertFaults(
        "empty",
        Map.of(),
        """
        2 faults in conf/pipelines/empty.yaml:
          conf/pipelines/empty.yaml:1:1: the key 'pipeline' is missing: The pipeline's name.
          conf/pipelines/empty.yaml:1:1: the key 'stages' is missing: The stages; their order says nothing, what they read and write does.""");
    write("none.yaml", "pipeline: none\nstages: []\n");
    assertFaults(
        "none",
        Map.of(),
        """
        1 fault in the pipeline 'none':
          it has no stages""");
  }

  @Test
  void tenThousandStagesAreLoaded() throws IOException {
    write(
        "many.yaml",
        IntStream.range(1, 10_000)
            .mapToObj(
                i ->
                    "  - { name: s%d, uses: copy, with: { from: a.d%d, into: a.d%d } }"
                        .formatted(i, i - 1, i))
            .collect(
                Collectors.joining(
                    "\n", "pipeline: many\nparams: { source: a }\nstages:\n", "\n")));
    Pipeline many = load("many", Set.of("a.d0")).pipeline();
    assertThat(many.stages()).hasSize(9_999);
    assertThat(many.graph().order()).last().isEqualTo("s9999");
  }

  private Pipeline load(String name, Map<String, String> params) {
    return new Pipelines(folder)
        .load(name, params, Steps.types(), GraphTest.catalog(Set.of("b.extra@3")))
        .pipeline();
  }

  private LoadedPipeline load(String name, Set<String> home) {
    return new Pipelines(folder)
        .load(name, Map.of("source", "x"), Steps.types(), GraphTest.catalog(home));
  }

  private void write(String file, String yaml) throws IOException {
    Files.writeString(folder.resolve("conf/pipelines").resolve(file), yaml);
  }

  private void assertFaults(String name, Map<String, String> params, String message) {
    assertThatThrownBy(() -> load(name, params))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("invalid-pipeline"))
        .hasMessage(message);
  }

  private static void assertText(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String text) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.text()).isEqualTo(text));
  }
}
