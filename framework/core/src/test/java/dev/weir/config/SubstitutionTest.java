package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SubstitutionTest {
  private static final Map<String, Object> VALUES =
      Map.of("seed", 42L, "rate", 0.5, "fresh", true, "source", "a.csv");

  @Test
  void aParameterAloneKeepsItsType() {
    assertThat(put("[\"${seed}\", \"${rate}\", \"${fresh}\", \"${source}\"]"))
        .isEqualTo(List.of(42L, 0.5, true, "a.csv"));
  }

  @Test
  void inATextItIsText() {
    assertThat(put("{ a: 'x-${seed}-${rate}.csv', b: '${seed}${seed}', c: '${seed} ' }"))
        .isEqualTo(Map.of("a", "x-42-0.5.csv", "b", "4242", "c", "42 "));
  }

  @Test
  void twoDollarsStandForOne() {
    assertThat(put("['$${seed}', 'a $${x} ${seed}', '^[a-z]$', '$5', '$$']"))
        .isEqualTo(List.of("${seed}", "a ${x} 42", "^[a-z]$", "$5", "$$"));
  }

  @Test
  void unknownOnesAreFaults() {
    Problems problems = new Problems();
    apply("a: ${sed}\nb: 'x ${nothing} y'\nc: ${seed\nd: ${gone}\n", problems);
    assertThat(problems.messages())
        .containsExactly(
            "f.yaml:1:4: unknown parameter 'sed'; did you mean 'seed'?",
            "f.yaml:2:4: unknown parameter 'nothing'; the params are fresh, gone, rate, seed,"
                + " source; write $${ for the characters ${ themselves",
            "f.yaml:3:4: '${seed' has no closing brace; write $${ for the characters ${"
                + " themselves");
  }

  @Test
  void whatHasNoValueIsNoFurtherFault() {
    record Some(int count, String text, List<Integer> list, Object any, int other) {}
    Problems problems = new Problems();
    Yaml node =
        apply(
            "{ count: '${gone}', text: 'a${gone}', list: '${gone}', any: ['${gone}'], other: x }",
            problems);
    assertThat(new Binder(Map.of()).read(node, Some.class, "it", problems)).isNull();
    assertThat(problems.messages())
        .containsExactly("f.yaml:1:81: 'other' expects a whole number, found the text 'x'");
  }

  private static Object put(String yaml) {
    Problems problems = new Problems();
    Yaml node = apply(yaml, problems);
    Object value = new Binder(Map.of()).read(node, Object.class, "it", problems);
    assertThat(problems.messages()).isEmpty();
    return Objects.requireNonNull(value);
  }

  private static Yaml apply(String yaml, Problems problems) {
    Yaml node = Objects.requireNonNull(YamlReader.parse("f.yaml", yaml, problems));
    return new Substitution(VALUES, Set.of("gone"), problems).apply(node);
  }
}
