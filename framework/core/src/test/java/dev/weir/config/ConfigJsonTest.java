package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.artifact.DatasetName;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConfigJsonTest {
  enum Mode {
    REPLACE_WHERE
  }

  record Inner(int maxRows, @Nullable String absent) {}

  record Whole(
      DatasetName from,
      List<Inner> inners,
      Map<String, Double> rates,
      Set<String> names,
      Mode mode,
      Duration pause,
      LocalDate day,
      @Secret String password,
      @Key("class") String type,
      @Nullable Object any) {}

  @Test
  void equalValuesGiveEqualText() {
    Map<String, Double> rates = new LinkedHashMap<>();
    rates.put("b", 1.0);
    rates.put("a", Double.POSITIVE_INFINITY);
    Map<String, Double> turned = new LinkedHashMap<>();
    turned.put("a", Double.POSITIVE_INFINITY);
    turned.put("b", 1.0);
    Whole one = whole(rates, new LinkedHashSet<>(List.of("y", "x")));
    Whole other = whole(turned, new LinkedHashSet<>(List.of("x", "y")));
    assertThat(one).isEqualTo(other);
    assertThat(ConfigJson.text(ConfigJson.of(one)))
        .isEqualTo(
            """
            {"from":"credit.clean","inners":[{"max-rows":5}],"rates":{"a":"Infinity","b":1.0},\
            "names":["x","y"],"mode":"replace-where","pause":"1m30s","day":"2024-01-31",\
            "password":"***","class":"c","any":[1,true,"z"]}""")
        .isEqualTo(ConfigJson.text(ConfigJson.of(other)));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Problems problems = new Problems();
    Whole written = whole(Map.of("b", 1.5), Set.of("x"));
    String text = ConfigJson.text(ConfigJson.of(written)).replace("***", "pw");
    Yaml node = Objects.requireNonNull(YamlReader.parse("json", text, problems));
    assertThat(new Binder(Map.of()).read(node, Whole.class, "it", problems)).isEqualTo(written);
    assertThat(problems.messages()).isEmpty();
  }

  @Test
  void whatHasNoTextOfItsOwnIsRefused() {
    record Holder(StringBuilder text, Object any) {}
    assertThatThrownBy(() -> ConfigJson.of(new Holder(new StringBuilder(), new Object())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "java.lang.Object can't be written as configuration: make it a record, or give it a"
                + " public static parse(String) that reads its toString()");
  }

  @Test
  void durationsAreReadAsWritten() {
    for (long millis : new long[] {0, 1, 999, 1000, 61_000, 90_061_001L, 86_400_000L * 400}) {
      Duration duration = Duration.ofMillis(millis);
      assertThat(Durations.parse(Durations.text(duration))).isEqualTo(duration);
    }
    assertThat(Durations.text(Duration.ofMillis(93_784_005))).isEqualTo("1d2h3m4s5ms");
    assertThatThrownBy(() -> Durations.parse(""))
        .hasMessage("a duration is written 500ms, 10s, 5m, 1h30m or 2d");
    assertThatThrownBy(() -> Durations.parse("99999999999999999999d"))
        .hasMessage("a duration is at most 106751991167d");
  }

  private static Whole whole(Map<String, Double> rates, Set<String> names) {
    return new Whole(
        new DatasetName("credit", "clean"),
        List.of(new Inner(5, null)),
        rates,
        names,
        Mode.REPLACE_WHERE,
        Duration.ofSeconds(90),
        LocalDate.of(2024, 1, 31),
        "pw",
        "c",
        List.of(1L, true, "z"));
  }
}
