package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlReaderTest {
  @Test
  void everyNodeKnowsItsPlace() {
    Yaml.Mapping top = mapping("a: 1\nb:\n  - x\n  - { c: y }\n");
    assertThat(at(top)).isEqualTo("f.yaml:1:1");
    Yaml.Entry b = Objects.requireNonNull(top.entries().get("b"));
    assertThat(b.key()).hasToString("f.yaml:2:1");
    Yaml.Sequence list = (Yaml.Sequence) b.value();
    assertThat(at(list.items().get(0))).isEqualTo("f.yaml:3:5");
    Yaml.Mapping inner = (Yaml.Mapping) list.items().get(1);
    assertThat(at(inner)).isEqualTo("f.yaml:4:5");
    assertThat(Objects.requireNonNull(inner.entries().get("c")).key()).hasToString("f.yaml:4:7");
    assertThat(top.entries().keySet()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource({
    "no, String, no",
    "yes, String, yes",
    "on, String, on",
    "2024-01-31, String, 2024-01-31",
    "1_000, String, 1_000",
    "010, Long, 10",
    "0x1F, Long, 31",
    "0o17, Long, 15",
    "-7, Long, -7",
    "1e3, Double, 1000.0",
    "1.5, Double, 1.5",
    ".5, Double, 0.5",
    "-.inf, Double, -Infinity",
    ".NaN, Double, NaN",
    "true, Boolean, true",
    "False, Boolean, false",
    "'\"12\"', String, 12",
    "!!str 12, String, 12",
    "! 12, String, 12",
    "!!float 3, Double, 3.0",
    "1.2.3, String, 1.2.3",
    "12:30:00, String, 12:30:00",
  })
  void scalarsAreThoseOfTheCoreSchema(String yaml, String type, String value) {
    Yaml.Scalar scalar = (Yaml.Scalar) read(yaml);
    Object found = Objects.requireNonNull(scalar.value());
    assertThat(found.getClass().getSimpleName()).isEqualTo(type);
    assertThat(found).hasToString(value);
  }

  @ParameterizedTest
  @CsvSource({"~", "null", "Null", "''"})
  void nothingIsNull(String yaml) {
    assertThat(((Yaml.Scalar) read(yaml)).value()).isNull();
  }

  @Test
  void anAliasStandsForItsAnchor() {
    Yaml.Mapping top = mapping("a: &x { b: 1 }\nc: *x\n");
    assertThat(Objects.requireNonNull(top.entries().get("c")).value())
        .isSameAs(Objects.requireNonNull(top.entries().get("a")).value());
  }

  @Test
  void faultsArePlaced() {
    assertFault(
        "a: [1, 2",
        "f.yaml:1:9: not YAML: while parsing a flow sequence, expected ',' or"
            + " ']', but got <stream end>");
    assertFault(
        "a: 1\na: 2\n",
        "f.yaml:2:1: the key 'a' stands here a second time; the first is at" + " f.yaml:1:1");
    assertFault("a: *x\n", "f.yaml:1:4: *x names no anchor that is complete before it");
    assertFault("a: &x [*x]\n", "f.yaml:1:8: *x names no anchor that is complete before it");
    assertFault("? [a]\n: 1\n", "f.yaml:1:3: a key is a single value, not a list");
    assertFault("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here; a file holds one");
    assertFault(
        "a: !!int x\n",
        "f.yaml:1:4: 'x' is not of the type that its tag" + " tag:yaml.org,2002:int asks for");
    assertFault("a: !mine [x]\n", "f.yaml:1:4: the tag !mine is not known here");
    assertFault(
        "a: 123456789012345678901\n",
        "f.yaml:1:4: 123456789012345678901 does not fit in 64 bits; if it is text, quote it");
    assertFault("a: b\u0007\n", "f.yaml:1:5: the character U+0007 can't stand in YAML");
    assertFault(
        "a: { seed: ${seed} }\n",
        "f.yaml:1:13: not YAML: while parsing a flow mapping, expected ',' or '}', but got {;"
            + " inside { } and [ ] a parameter is quoted: \"${name}\"");
  }

  @Test
  void limitsHold() {
    assertFault("[".repeat(70) + "]".repeat(70), "f.yaml:1:66: nested deeper than 64");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i)).append(("*a" + (i - 1) + ", ").repeat(10));
      bomb.append("]\n");
    }
    assertFault(
        bomb.toString(),
        "f.yaml:6:55: with its aliases written out the file has over 1,000,000 values");
    assertFault("x".repeat(8_000_001), "f.yaml:1:1: the file is longer than 8,000,000 characters");
    assertFault("[".repeat(1_000_000), "f.yaml:1:66: nested deeper than 64");
  }

  @Test
  void filesAreRead(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("x.yaml");
    Files.writeString(file, "ä: ö");
    Problems problems = new Problems();
    assertThat(
            ((Yaml.Mapping) Objects.requireNonNull(YamlReader.read(file, "x", problems))).entries())
        .containsKey("ä");
    Files.write(file, "ä: ö".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(YamlReader.read(file, "x.yaml", problems)).isNull();
    assertThat(problems.messages()).containsExactly("x.yaml:1:1: the file is not UTF-8 text");
    assertThatThrownBy(() -> YamlReader.read(folder.resolve("none"), "none.yaml", problems))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("Can't read none.yaml: java.nio.file.NoSuchFileException");
  }

  private static String at(Yaml node) {
    return node.at().toString();
  }

  private static Yaml.Mapping mapping(String yaml) {
    return (Yaml.Mapping) read(yaml);
  }

  private static Yaml read(String yaml) {
    Problems problems = new Problems();
    Yaml node = YamlReader.parse("f.yaml", yaml, problems);
    assertThat(problems.messages()).isEmpty();
    return Objects.requireNonNull(node);
  }

  private static void assertFault(String yaml, String message) {
    Problems problems = new Problems();
    YamlReader.parse("f.yaml", yaml, problems);
    assertThat(problems.messages()).containsExactly(message);
  }
}
