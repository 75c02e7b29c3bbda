package dev.weir.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.pipeline.Steps.Copy;
import dev.weir.pipeline.Steps.Fit;
import dev.weir.pipeline.Steps.Join;
import dev.weir.pipeline.Steps.Make;
import dev.weir.pipeline.Steps.Nothing;
import dev.weir.pipeline.Steps.Plain;
import dev.weir.pipeline.Steps.Score;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GraphTest {
  @Test
  void whoReadsWaitsForWhoMakes() {
    Graph graph =
        Pipeline.named("p")
            .stage("score", new Score("a.model", "a.clean", "a.scored"))
            .stage("fit", new Fit("a.clean", "a.model"))
            .stage("clean", new Copy("a.raw", "a.clean"))
            .stage("tell", new Nothing())
            .after("score", "clean")
            .stage("raw", new Make("a.raw"))
            .build()
            .graph();
    assertThat(graph.dependencies())
        .isEqualTo(
            Map.of(
                "score", Set.of("fit", "clean"),
                "fit", Set.of("clean"),
                "clean", Set.of("raw"),
                "tell", Set.of("score", "clean"),
                "raw", Set.of()));
    assertThat(graph.dependencies().keySet())
        .containsExactly("score", "fit", "clean", "tell", "raw");
    assertThat(graph.dependents())
        .isEqualTo(
            Map.of(
                "score", Set.of("tell"),
                "fit", Set.of("score"),
                "clean", Set.of("score", "fit", "tell"),
                "tell", Set.of(),
                "raw", Set.of("clean")));
    assertThat(graph.order()).containsExactly("raw", "clean", "fit", "score", "tell");
    assertThat(graph.producer(DatasetName.parse("a.clean"))).isEqualTo(Optional.of("clean"));
    assertThat(graph.producer(DatasetName.parse("a.other"))).isEmpty();
    assertThat(graph.producer(ModelName.parse("a.model"))).isEqualTo(Optional.of("fit"));
    assertThat(graph.external()).isEqualTo(new Graph.External(List.of(), List.of()));
  }

  @Test
  void stagesThatAreFreeComeAsTheyWereGiven() {
    Pipeline.Builder builder = Pipeline.named("p");
    List<String> names = new ArrayList<>(IntStream.range(0, 50).mapToObj(i -> "s" + i).toList());
    Collections.shuffle(names, new Random(1));
    names.forEach(name -> builder.stage(name, new Nothing()));
    assertThat(builder.build().graph().order()).isEqualTo(names);
  }

  @Test
  void aGivenVersionIsReadFromBefore() {
    Graph graph =
        Pipeline.named("p")
            .stage("next", new Copy("a.total@3", "a.total"))
            .stage("score", new Score("a.model@2", "a.total", "a.scored"))
            .stage("fit", new Fit("a.total", "a.model"))
            .build()
            .graph();
    assertThat(graph.dependencies())
        .isEqualTo(Map.of("next", Set.of(), "score", Set.of("next"), "fit", Set.of("next")));
    assertThat(graph.external())
        .isEqualTo(
            new Graph.External(
                List.of(new Graph.Use<>("next", "from", Input.from("a.total@3"))),
                List.of(new Graph.Use<>("score", "model", ModelInput.model("a.model@2")))));
  }

  @Test
  void everyFaultIsInOneError() {
    assertThatThrownBy(
            () ->
                Pipeline.named("Bad Name")
                    .param("seed", "x")
                    .param("day", java.time.LocalDate.EPOCH)
                    .param("a b", 1)
                    .stage("make", new Make("a.raw"))
                    .stage("again", new Make("a.raw"))
                    .stage("Loud", new Make("a.loud"))
                    .stage("make", new Copy("a.raw", "a.copy"))
                    .stage("fit", new Fit("a.raw", "a.model"))
                    .stage("refit", new Fit("a.raw", "a.model"))
                    .stage("self", new Copy("a.self", "a.self"))
                    .stage("late", new Nothing())
                    .after("mak", "late", "fitt", "zzz")
                    .stage("plain", new Plain())
                    .stage("b", new Copy("a.c", "a.b"))
                    .stage("c", new Score("a.ring", "a.raw", "a.c"))
                    .stage("d", new Fit("a.b", "a.ring"))
                    .stage("x", new Nothing())
                    .after("y")
                    .stage("y", new Nothing())
                    .after("x")
                    .build())
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("invalid-pipeline");
              assertThat(e.kind()).isEqualTo(ErrorKind.USER);
            })
        .hasMessage(
            """
            16 faults in the pipeline 'Bad Name':
              'Bad Name' can't name a pipeline: a name is a lower-case letter followed by lower-case letters, digits, dashes and underscores
              the parameter 'seed' is a whole number, not 'x'
              the parameter 'day' is a LocalDate: a parameter is a String, a Long, a Double or a Boolean
              'a b' can't name a parameter: a name is a letter followed by letters, digits, dashes and underscores
              stage 'plain': dev.weir.pipeline.Steps$Plain is not a record: a stage is a record, so that its components are its configuration
              'Loud' can't name a stage: a name is a lower-case letter followed by lower-case letters, digits, dashes and underscores
              two stages are named 'make': give each a name of its own
              stages 'make' and 'again' both publish a.raw: in a pipeline one stage does
              stages 'fit' and 'refit' both publish the model a.model: in a pipeline one stage does
              stage 'self' reads a.self, which it publishes itself; an earlier one is read as a.self@<version>
              stage 'late' comes after 'fitt', which is no stage of the pipeline; did you mean 'fit'?
              stage 'late' comes after itself
              stage 'late' comes after 'mak', which is no stage of the pipeline; did you mean 'make'?
              stage 'late' comes after 'zzz', which is no stage of the pipeline
              the stages wait for each other: b → d → c → b (d reads a.b of b, c reads the model a.ring of d, b reads a.c of c)
              the stages wait for each other: x → y → x (y comes after x, x comes after y)""");
  }

  @Test
  void oneStageMayNotPublishTwice() {
    record Twice(Output one, Output two) implements Stage {
      @Override
      public void run(StageContext context) {
        context.metric("x", 1);
      }
    }
    assertThatThrownBy(
            () ->
                Pipeline.named("p")
                    .stage("s", new Twice(Output.to("a.b"), Output.to("a.b")))
                    .build())
        .hasMessage(
            """
            1 fault in the pipeline 'p':
              stage 's' publishes a.b twice, through 'one' and 'two'""");
    assertThatThrownBy(() -> Pipeline.named("p").build())
        .hasMessage(
            """
            1 fault in the pipeline 'p':
              it has no stages""");
  }

  @Test
  void whatNobodyMakesMustBeThere() {
    Pipeline pipeline =
        Pipeline.named("p")
            .stage("clean", new Copy("a.raw", "a.clean"))
            .stage(
                "join",
                new Join(
                    List.of(Input.from("a.claen"), Input.from("b.x@1")),
                    Map.of(),
                    Output.to("a.j")))
            .stage("score", new Score("a.modle", "a.clean", "a.scored"))
            .build();
    assertThat(pipeline.graph().external())
        .isEqualTo(
            new Graph.External(
                List.of(
                    new Graph.Use<>("clean", "from", Input.from("a.raw")),
                    new Graph.Use<>("join", "parts[0]", Input.from("a.claen")),
                    new Graph.Use<>("join", "parts[1]", Input.from("b.x@1"))),
                List.of(new Graph.Use<>("score", "model", ModelInput.model("a.modle")))));
    pipeline.graph().requireExternal("p", catalog(Set.of("a.raw", "a.claen", "b.x@1", "a.modle")));
    assertThatThrownBy(
            () -> pipeline.graph().requireExternal("p", catalog(Set.of("a.raw", "a.model"))))
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("missing-input"))
        .hasMessage(
            """
            3 faults in the pipeline 'p':
              stage 'join' reads the dataset a.claen, which no other stage publishes and the home does not hold; did you mean 'a.clean'?
              stage 'join' reads the dataset b.x@1, which the home does not hold
              stage 'score' reads the model a.modle, which no other stage publishes and the home does not hold; did you mean 'a.model'?""");
  }

  @Test
  void aChainOfTenThousandIsOrdered() {
    int count = 10_000;
    List<StageDefinition> stages = new ArrayList<>();
    for (int i = count - 1; i > 0; i--) {
      stages.add(stage("s" + i, new Copy("a.d" + (i - 1), "a.d" + i)));
    }
    stages.add(stage("s0", new Make("a.d0")));
    Graph graph = new Pipeline("deep", Map.of(), stages, Concurrency.REFUSE).graph();
    assertThat(graph.order()).isEqualTo(IntStream.range(0, count).mapToObj(i -> "s" + i).toList());
  }

  @Test
  void aRingOfTenThousandIsToldInShort() {
    int count = 10_000;
    List<StageDefinition> stages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      stages.add(stage("s" + i, new Copy("a.d" + (i + count - 1) % count, "a.d" + i)));
    }
    assertThatThrownBy(() -> Graph.of("ring", stages))
        .hasMessageStartingWith(
            """
            1 fault in the pipeline 'ring':
              the stages wait for each other: s0 → s1 → s2 → s3 → s4 → s5 → … 9,989 more … → s9995 → s9996 → s9997 → s9998 → s9999 → s0 (s1 reads a.d0 of s0, s2""");
  }

  @Test
  void aWideGraphIsOrdered() {
    int count = 10_000;
    List<StageDefinition> stages = new ArrayList<>();
    List<Input> parts = new ArrayList<>();
    stages.add(stage("first", new Make("a.first")));
    for (int i = 0; i < count; i++) {
      stages.add(stage("s" + i, new Copy("a.first", "a.d" + i)));
      parts.add(Input.from("a.d" + i));
    }
    stages.add(stage("last", new Join(parts, Map.of(), Output.to("a.last"))));
    Graph graph = Graph.of("wide", stages);
    assertThat(graph.order()).isEqualTo(stages.stream().map(StageDefinition::name).toList());
    assertThat(graph.dependents().get("first")).hasSize(count);
    assertThat(graph.dependencies().get("last")).hasSize(count);
  }

  @Test
  void theOrderOfAnyGraphRespectsIt() {
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      int count = 1 + random.nextInt(60);
      List<StageDefinition> stages = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        List<Input> parts = new ArrayList<>();
        for (int j = 0; j < i; j++) {
          if (random.nextInt(8) == 0) {
            parts.add(Input.from("a.d" + j));
          }
        }
        stages.add(stage("s" + i, new Join(parts, Map.of(), Output.to("a.d" + i))));
      }
      Collections.shuffle(stages, random);
      Graph graph = Graph.of("any", stages);
      assertThat(graph.order()).hasSize(count).doesNotHaveDuplicates();
      graph
          .dependencies()
          .forEach(
              (stage, needed) ->
                  assertThat(needed)
                      .allMatch(n -> graph.order().indexOf(n) < graph.order().indexOf(stage)));
    }
  }

  private static StageDefinition stage(String name, Stage stage) {
    return new StageDefinition(name, stage);
  }

  @Test
  void aVersionThatIsNotThereIsSaidWithThoseThatAre() {
    Pipeline pipeline =
        Pipeline.named("p")
            .stage("make", new Make("a.raw"))
            .stage("again", new Copy("a.raw@7", "a.again"))
            .stage("copy", new Copy("b.x@99", "a.x"))
            .stage("score", new Score("b.model@3", "b.y@1", "a.scored"))
            .build();
    Set<String> there =
        Set.of("b.x@0", "b.x@1", "b.x@3", "b.x@10", "b.x@11", "b.x@12", "b.model@1", "b.model@2");
    assertThatThrownBy(() -> pipeline.graph().requireExternal("p", catalog(there)))
        .hasMessage(
            """
            4 faults in the pipeline 'p':
              stage 'again' reads the dataset a.raw@7, of which the home holds no version; without @7 it reads what stage 'make' publishes
              stage 'copy' reads the dataset b.x@99, a version that the home does not hold; it holds 6 versions, the last of them @1, @3, @10, @11, @12
              stage 'score' reads the dataset b.y@1, which the home does not hold; did you mean 'b.x'?
              stage 'score' reads the model b.model@3, a version that the home does not hold; it holds @1, @2""");
    Graph.Catalog home = catalog(there);
    assertThat(home.has(Input.from("b.x@12"))).isTrue();
    assertThat(home.has(Input.from("b.x@2"))).isFalse();
    assertThat(home.has(ModelInput.model("b.model"))).isTrue();
  }

  /** A home that holds what {@code name} or {@code name@version} says; 0 is the version unsaid. */
  static Graph.Catalog catalog(Set<String> there) {
    return new Graph.Catalog() {
      @Override
      public List<Long> versions(DatasetName name) {
        return versions(name.toString());
      }

      @Override
      public List<Integer> versions(ModelName name) {
        return versions(name.toString()).stream().map(Long::intValue).toList();
      }

      private List<Long> versions(String name) {
        return there.stream()
            .map(text -> (text + "@0").split("@", -1))
            .filter(parts -> parts[0].equals(name))
            .map(parts -> Long.parseLong(parts[1]))
            .sorted()
            .toList();
      }

      @Override
      public Collection<String> names() {
        return Stream.concat(there.stream(), Stream.of("other.thing"))
            .map(text -> text.replaceFirst("@.*", ""))
            .toList();
      }
    };
  }
}
