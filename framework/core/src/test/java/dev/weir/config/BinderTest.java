package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.artifact.DatasetName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BinderTest {
  enum Mode {
    APPEND,
    REPLACE_WHERE
  }

  record Everything(
      String text,
      int whole,
      long big,
      double number,
      boolean flag,
      Mode mode,
      Duration pause,
      LocalDate day,
      Path path,
      URI uri,
      Instant moment,
      DatasetName dataset,
      List<Integer> list,
      Set<Mode> modes,
      Map<String, Inner> inners,
      Map<Mode, Double> byMode,
      Object anything,
      @Key("class") String type) {}

  record Inner(@Help("How many.") int count, @Default("[a, b]") List<String> names) {}

  record Optionals(
      @Nullable String text,
      @Default("50") int rows,
      @Default("replace-where") Mode mode,
      @Default("{ count: 3 }") Inner inner,
      @Nullable Long limit) {}

  sealed interface Check permits NotNull, Range, AnyOf {}

  record NotNull(String notNull, @Default("1.0") double share) implements Check {}

  record Range(String range, @Nullable Double min, @Nullable Double max) implements Check {
    Range {
      if (min != null && max != null && min > max) {
        throw new IllegalArgumentException("min %s is above max %s".formatted(min, max));
      }
    }
  }

  record AnyOf(List<Check> anyOf) implements Check {}

  record Checks(List<Check> checks) {}

  record Point(int x, int y) {}

  record Labelled(String label, @Inline Marks marks) {}

  record Marks(@Default("red") String colour, @Inline Point at) {
    Marks {
      if (colour.isBlank()) {
        throw new IllegalArgumentException("a colour is not blank");
      }
    }
  }

  @Test
  void keysOfInlineRecordsStandAmongTheOthers() {
    Labelled whole = new Labelled("a", new Marks("blue", new Point(1, 2)));
    assertThat(read("{ label: a, colour: blue, x: 1, y: 2 }", Labelled.class)).isEqualTo(whole);
    assertThat(read("{ label: a, x: 1, y: 2 }", Labelled.class).marks().colour()).isEqualTo("red");
    assertThat(ConfigJson.text(ConfigJson.of(whole)))
        .isEqualTo("{\"label\":\"a\",\"colour\":\"blue\",\"x\":1,\"y\":2}");
    ObjectNode schema = new JsonSchemas(Map.of(), false).record(Labelled.class);
    assertThat(schema.path("properties").fieldNames())
        .toIterable()
        .containsExactly("label", "colour", "x", "y");
    assertThat(schema.path("required")).hasSize(3);
  }

  @Test
  void everyKindOfValueIsBound() {
    Everything read =
        read(
            """
            text: yes
            whole: 3
            big: 3000000000
            number: 2
            flag: true
            mode: replace-where
            pause: 1h30m
            day: 2024-01-31
            path: a/b.csv
            uri: s3a://bucket/x
            moment: 2024-01-31T00:00:00Z
            dataset: credit.clean
            list: [3, 1, 2]
            modes: [append]
            inners: { b: { count: 1, names: [] }, a: { count: 2 } }
            by-mode: { append: 0.5, replace-where: 1 }
            anything: { a: [1, 2.5, x], b: true }
            class: c
            """,
            Everything.class);
    assertThat(read)
        .isEqualTo(
            new Everything(
                "yes",
                3,
                3_000_000_000L,
                2.0,
                true,
                Mode.REPLACE_WHERE,
                Duration.ofMinutes(90),
                LocalDate.of(2024, 1, 31),
                Path.of("a/b.csv"),
                URI.create("s3a://bucket/x"),
                Instant.parse("2024-01-31T00:00:00Z"),
                new DatasetName("credit", "clean"),
                List.of(3, 1, 2),
                Set.of(Mode.APPEND),
                Map.of("b", new Inner(1, List.of()), "a", new Inner(2, List.of("a", "b"))),
                Map.of(Mode.APPEND, 0.5, Mode.REPLACE_WHERE, 1.0),
                Map.of("a", List.of(1L, 2.5, "x"), "b", true),
                "c"));
    assertThat(read.inners().keySet()).containsExactly("b", "a");
  }

  @Test
  void textTakesNumbersAndBooleansAsTheyAreWritten() {
    record Options(Map<String, String> options) {}
    assertThat(read("options: { header: true, sep: ',', rows: 010, ratio: 1.50 }", Options.class))
        .isEqualTo(
            new Options(Map.of("header", "true", "sep", ",", "rows", "010", "ratio", "1.50")));
  }

  @Test
  void aListOfOneSingleValueNeedsNoBrackets() {
    record Lists(List<String> paths, @Default("append") Set<Mode> modes) {}
    assertThat(read("paths: credit/*.csv", Lists.class))
        .isEqualTo(new Lists(List.of("credit/*.csv"), Set.of(Mode.APPEND)));
    assertFaults(
        "{ paths: , modes: apend }",
        Lists.class,
        "f.yaml:1:9: 'paths' expects a list, found nothing",
        "f.yaml:1:19: 'modes': there is no 'apend'; did you mean 'append'?");
    assertFaults(
        "checks: income",
        Checks.class,
        "f.yaml:1:9: 'checks' expects a list, found the text 'income'");
  }

  @Test
  void whatIsNotGivenHasItsDefault() {
    assertThat(read("", Optionals.class))
        .isEqualTo(
            new Optionals(null, 50, Mode.REPLACE_WHERE, new Inner(3, List.of("a", "b")), null));
    assertThat(read("{ rows: 7, text: ~, limit: 4, mode: append }", Optionals.class))
        .isEqualTo(new Optionals(null, 7, Mode.APPEND, new Inner(3, List.of("a", "b")), 4L));
  }

  @Test
  void aVariantIsToldByItsFirstKey() {
    assertThat(
            read(
                """
                checks:
                  - not-null: income
                  - { range: age, min: 18 }
                  - any-of: [ { not-null: a }, { min: 1, range: b } ]
                """,
                Checks.class))
        .isEqualTo(
            new Checks(
                List.of(
                    new NotNull("income", 1.0),
                    new Range("age", 18.0, null),
                    new AnyOf(List.of(new NotNull("a", 1.0), new Range("b", 1.0, null))))));
    assertFaults(
        "checks: [ { not-nul: a }, { min: 1, range: b, not-null: c }, income, { } ]",
        Checks.class,
        "f.yaml:1:11: item 1 of 'checks' expects a mapping with one of the keys not-null, range,"
            + " any-of, found 'not-nul'; did you mean 'not-null'?",
        "f.yaml:1:27: item 2 of 'checks' is one of 'range', 'not-null': put the key that says which"
            + " first",
        "f.yaml:1:62: item 3 of 'checks' expects a mapping with one of the keys not-null, range,"
            + " any-of, found the text 'income'",
        "f.yaml:1:70: item 4 of 'checks' expects a mapping with one of the keys not-null, range,"
            + " any-of, found none");
  }

  @Test
  void everyFaultIsNoted() {
    assertFaults(
        """
        txt: a
        whole: 3000000000
        big: '3'
        number: three
        flag: yes
        mode: replace-were
        pause: 10 seconds
        day: 31.1.2024
        path: [a]
        uri: 'a b'
        moment: now
        dataset: Credit
        list: { a: 3 }
        modes: [append, append]
        inners: { b: { cuont: 1 }, a: { names: [[]] }, c: 5 }
        by-mode: { apend: 0.5 }
        anything:
        nonsense: 1
        """,
        Everything.class,
        "f.yaml:1:1: unknown key 'txt'; did you mean 'text'?",
        "f.yaml:18:1: unknown key 'nonsense'; the keys here are text, whole, big, number, flag,"
            + " mode, pause, day, path, uri, moment, dataset, list, modes, inners, by-mode,"
            + " anything, class",
        "f.yaml:2:8: 'whole': 3000000000 does not fit in 32 bits",
        "f.yaml:3:6: 'big' expects a whole number, found the text '3'",
        "f.yaml:4:9: 'number' expects a number, found the text 'three'",
        "f.yaml:5:7: 'flag' expects true or false, found the text 'yes'",
        "f.yaml:6:7: 'mode': there is no 'replace-were'; did you mean 'replace-where'?",
        "f.yaml:7:8: 'pause' expects a duration such as 500ms, 10s, 5m, 1h30m or 2d, found the text"
            + " '10 seconds'",
        "f.yaml:8:6: 'day' expects a date such as 2024-01-31, found the text '31.1.2024'",
        "f.yaml:9:7: 'path' expects a path, found a list",
        "f.yaml:10:6: 'uri' expects a URI, found the text 'a b'",
        "f.yaml:11:9: 'moment': Text 'now' could not be" + " parsed at index 0",
        "f.yaml:12:10: 'dataset': 'Credit' is not a dataset name: it takes the form namespace.name,"
            + " such as credit.Credit",
        "f.yaml:13:7: 'list' expects a list, found a mapping",
        "f.yaml:14:17: 'modes' holds the text 'append' twice",
        "f.yaml:15:16: unknown key 'cuont'; did you mean 'count'?",
        "f.yaml:15:41: item 1 of 'names' expects text, found a list",
        "f.yaml:15:31: the key 'count' is missing: How many.",
        "f.yaml:15:51: 'c' expects a mapping, found the number 5",
        "f.yaml:16:12: a key of 'by-mode': there is no 'apend'; did you mean 'append'?",
        "f.yaml:17:10: 'anything' expects a value, found nothing",
        "f.yaml:1:1: the key 'class' is missing");
  }

  @Test
  void aConstructorsRefusalIsPlacedAtItsMapping() {
    assertFaults(
        "checks:\n  - { range: a, min: 2, max: 1 }\n",
        Checks.class,
        "f.yaml:2:5: min 2.0 is above max 1.0");
  }

  @Test
  void aCodecReadsWhatTheBindingCannot() {
    Codec<StringBuilder> codec =
        new Codec<>() {
          @Override
          public @Nullable StringBuilder read(Yaml node, Problems problems) {
            if (node instanceof Yaml.Scalar scalar) {
              return new StringBuilder(scalar.text()).reverse();
            }
            problems.add(node.at(), "turn what? " + node.describe());
            return null;
          }

          @Override
          public ObjectNode schema() {
            return JsonNodeFactory.instance.objectNode().put("type", "string");
          }
        };
    record Turned(StringBuilder word) {}
    Problems problems = new Problems();
    Binder binder = new Binder(Map.of(StringBuilder.class, codec));
    Yaml good = Objects.requireNonNull(YamlReader.parse("f.yaml", "word: abc", problems));
    assertThat(Objects.requireNonNull(binder.read(good, Turned.class, "it", problems)).word())
        .hasToString("cba");
    Yaml bad = Objects.requireNonNull(YamlReader.parse("f.yaml", "word: [abc]", problems));
    assertThat(binder.read(bad, Turned.class, "it", problems)).isNull();
    assertThat(problems.messages()).containsExactly("f.yaml:1:7: turn what? a list");
  }

  @Test
  void aTypeThatNothingReadsIsAFaultOfTheProgram() {
    record Holder(StringBuilder word) {}
    assertThatThrownBy(() -> read("word: x", Holder.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "java.lang.StringBuilder can't be read from YAML: make it a record, give it a public"
                + " static parse(String), or register a codec");
    record BadDefault(@Default("x") int count) {}
    assertThatThrownBy(() -> read("", BadDefault.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The default of count in dev.weir.config.BinderTest$1BadDefault is faulty:"
                + " [@Default:1:1: the default expects a whole number, found the text 'x']");
  }

  @Test
  void allFaultsMakeOneErrorInTheOrderOfTheFile() {
    Problems problems = new Problems();
    Yaml node = Objects.requireNonNull(YamlReader.parse("f.yaml", "z: 1\ny: a\n", problems));
    new Binder(Map.of()).read(node, Point.class, "it", problems);
    problems.add("elsewhere");
    assertThatThrownBy(() -> problems.throwIfAny("the point"))
        .hasMessage(
            """
            3 faults in the point:
              f.yaml:1:1: unknown key 'z'; did you mean 'x'?
              f.yaml:2:4: 'y' expects a whole number, found the text 'a'
              elsewhere""");
  }

  private static <T> T read(String yaml, Class<T> type) {
    Problems problems = new Problems();
    Yaml node = Objects.requireNonNull(YamlReader.parse("f.yaml", yaml, problems));
    T value = new Binder(Map.of()).read(node, type, "it", problems);
    assertThat(problems.messages()).isEmpty();
    return Objects.requireNonNull(value);
  }

  private static void assertFaults(String yaml, Class<?> type, String... messages) {
    Problems problems = new Problems();
    Yaml node = Objects.requireNonNull(YamlReader.parse("f.yaml", yaml, problems));
    assertThat(new Binder(Map.of()).read(node, type, "it", problems)).isNull();
    assertThat(problems.messages()).containsExactlyInAnyOrder(messages);
  }
}
