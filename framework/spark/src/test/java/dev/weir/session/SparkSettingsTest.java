package dev.weir.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkSettingsTest {
  @Test
  void laterSourcesWin(@TempDir Path folder) throws IOException {
    Path defaults = folder.resolve("spark-defaults.conf");
    Files.writeString(
        defaults,
        """
        # a comment
        spark.delta.logStore.file.impl  com.acme.Log
        spark.test.c=defaults
        spark.test.d  defaults
        spark.test.e  defaults
        spark.test.f  defaults
        """);
    SparkSettings settings =
        SparkSettings.of(
                null,
                defaults,
                Map.of("spark.test.d", "yaml", "spark.test.e", "yaml", "spark.test.f", "yaml"))
            .over(Map.of("spark.test.f", "command", "spark.hadoop.fs.key", "command"));
    Map<String, String> submitted =
        Map.of(
            "spark.test.e", "submitted",
            "spark.test.f", "submitted",
            "spark.hadoop.fs.key", "submitted",
            "spark.sql.shuffle.partitions", "11");

    assertThat(SparkSessions.values("app", settings, submitted))
        .containsEntry("spark.app.name", "app")
        .containsEntry(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .containsEntry("spark.delta.logStore.file.impl", "com.acme.Log")
        .containsEntry("spark.test.c", "defaults")
        .containsEntry("spark.test.d", "yaml")
        .containsEntry("spark.test.e", "submitted")
        .containsEntry("spark.test.f", "command")
        .containsEntry("spark.sql.shuffle.partitions", "11");
    assertThat(settings.values()).containsEntry("spark.test.f", "command");
    assertThat(SparkSessions.hadoop(settings, submitted)).isEqualTo(Map.of("fs.key", "command"));
  }

  @Test
  void aValueIsReplacedWhereItStands() {
    SparkSettings settings =
        new SparkSettings(null, Map.of("spark.a", "1")).over(Map.of("spark.b", "1"));
    SparkSettings replaced = settings.with("spark.a", "2").with("spark.b", "2");
    assertThat(replaced.values()).isEqualTo(Map.of("spark.a", "2", "spark.b", "2"));
    assertThat(replaced.overrides()).isEqualTo(Map.of("spark.b", "2"));
  }

  @Test
  void theMasterOfTheCommandWins() {
    SparkSettings yaml = new SparkSettings(null, Map.of("spark.master", "local[3]"));
    assertThat(SparkSessions.master(SparkSettings.bare())).isEqualTo("local[*]");
    assertThat(SparkSessions.master(yaml)).isEqualTo("local[3]");
    System.setProperty("spark.master", "yarn");
    try {
      assertThat(SparkSessions.master(yaml)).isEqualTo("yarn");
      assertThat(SparkSessions.master(yaml.over(Map.of("spark.master", "local[4]"))))
          .isEqualTo("local[4]");
      assertThat(SparkSessions.master(new SparkSettings("local[5]", Map.of())))
          .isEqualTo("local[5]");
    } finally {
      System.clearProperty("spark.master");
    }
  }

  @Test
  void localShufflesHaveAPartitionForEveryCoreUnlessToldOtherwise() {
    assertThat(partitions("local[3]", Map.of())).isEqualTo("3");
    assertThat(partitions("local[*]", Map.of()))
        .isEqualTo(String.valueOf(Runtime.getRuntime().availableProcessors()));
    assertThat(partitions("spark://host:7077", Map.of())).isNull();
    assertThat(partitions("local[3]", Map.of("spark.sql.shuffle.partitions", "9"))).isEqualTo("9");
  }

  private static @Nullable String partitions(String master, Map<String, String> command) {
    return SparkSessions.values("app", new SparkSettings(master, Map.of()).over(command), Map.of())
        .get("spark.sql.shuffle.partitions");
  }

  @Test
  void extensionsOfTheCommandKeepDeltas() {
    SparkSettings command =
        SparkSettings.bare().over(Map.of("spark.sql.extensions", "com.acme.Own"));
    assertThat(
            SparkSessions.values("app", command, Map.of("spark.sql.extensions", "com.acme.Lost")))
        .containsEntry(
            "spark.sql.extensions",
            "com.acme.Own,io.delta.sql.DeltaSparkSessionExtension,dev.weir.session.LineageFunctions");
  }
}
