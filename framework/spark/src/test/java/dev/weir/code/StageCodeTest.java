package dev.weir.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StageCodeTest {
  private static final StageCode BEFORE =
      code(Map.of("shop.Helper", "1", "shop.Visits", "2"), Map.of("foo-1.2.jar", "3"));

  @Test
  void theSameCodeHasNoDifference() {
    assertThat(BEFORE.firstDifference(BEFORE)).isEmpty();
  }

  @Test
  void aDifferenceIsSaidInWords() {
    assertThat(
            code(Map.of("shop.Helper", "1", "shop.Visits", "9"), BEFORE.jars())
                .firstDifference(BEFORE))
        .hasValue("class shop.Visits changed");
    assertThat(
            code(Map.of("shop.Helper", "1", "shop.Visits", "2", "shop.More", "4"), BEFORE.jars())
                .firstDifference(BEFORE))
        .hasValue("class shop.More is new");
    assertThat(code(Map.of("shop.Visits", "2"), BEFORE.jars()).firstDifference(BEFORE))
        .hasValue("class shop.Helper is gone");
    assertThat(code(BEFORE.classes(), Map.of("foo-1.2.jar", "9")).firstDifference(BEFORE))
        .hasValue("jar foo-1.2.jar changed");
    assertThat(
            code(BEFORE.classes(), Map.of("foo-1.2.jar", "3", "bar.jar", "4"))
                .firstDifference(BEFORE))
        .hasValue("jar bar.jar is new");
    assertThat(code(BEFORE.classes(), Map.of()).firstDifference(BEFORE))
        .hasValue("jar foo-1.2.jar is gone");
  }

  @Test
  void whatChangedIsNamedBeforeWhatIsNewOrGone() {
    StageCode now =
        code(
            Map.of("shop.Added", "7", "shop.Helper", "1", "shop.Visits", "9"),
            Map.of("foo-1.3.jar", "3"));
    assertThat(now.firstDifference(BEFORE)).hasValue("class shop.Visits changed");
    assertThat(BEFORE.firstDifference(now)).hasValue("class shop.Visits changed");
  }

  @Test
  void aClassThatIsNoLongerFoundIsGone() {
    StageCode without =
        code(Map.of("shop.Helper", StageCode.NOT_FOUND, "shop.Visits", "2"), BEFORE.jars());
    assertThat(without.digest()).isNotEqualTo(BEFORE.digest());
    assertThat(without.firstDifference(BEFORE)).hasValue("class shop.Helper is gone");
    assertThat(BEFORE.firstDifference(without)).hasValue("class shop.Helper is new");
  }

  @Test
  void everythingIsInTheDigest() {
    assertThat(code(BEFORE.classes(), BEFORE.jars())).isEqualTo(BEFORE);
    assertThat(BEFORE.digest()).matches("[0-9a-f]{64}");
    assertThat(code(Map.of(), BEFORE.classes()).digest())
        .isNotEqualTo(code(BEFORE.classes(), Map.of()).digest());
  }

  @Test
  void aDigestHasItsForm() {
    assertThatThrownBy(() -> new StageCode("abc", new TreeMap<>(), new TreeMap<>()))
        .hasMessage("A digest is 64 hexadecimal digits, not abc");
  }

  private static StageCode code(Map<String, String> classes, Map<String, String> jars) {
    return StageCode.of(new TreeMap<>(classes), new TreeMap<>(jars));
  }
}
