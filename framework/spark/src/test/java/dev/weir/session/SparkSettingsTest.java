package dev.weir.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkSettingsTest {
  private static final List<String> SUBMITTED =
      List.of("spark.test.e", "spark.test.f", "spark.master", "spark.sql.shuffle.partitions");
  private static final String DELTA = "io.delta.sql.DeltaSparkSessionExtension";

  @AfterEach
  void submitNothing() {
    SUBMITTED.forEach(System::clearProperty);
  }

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
    System.setProperty("spark.test.e", "submitted");
    System.setProperty("spark.test.f", "submitted");

    assertThat(SparkSessions.configuration("app", settings))
        .containsEntry("spark.app.name", "app")
        .containsEntry(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .containsEntry("spark.delta.logStore.file.impl", "com.acme.Log")
        .containsEntry("spark.test.c", "defaults")
        .containsEntry("spark.test.d", "yaml")
        .containsEntry("spark.test.e", "submitted")
        .containsEntry("spark.test.f", "command");
    assertThat(settings.values()).containsEntry("spark.test.f", "command");
    assertThat(settings.hadoop()).isEqualTo(Map.of("fs.key", "command"));
  }

  @Test
  void theMasterOfTheCommandWins() {
    SparkSettings yaml = given(Map.of("spark.master", "local[3]"));
    assertThat(SparkSessions.master(SparkSettings.bare())).isEqualTo("local[*]");
    assertThat(SparkSessions.master(yaml)).isEqualTo("local[3]");
    System.setProperty("spark.master", "yarn");
    assertThat(SparkSessions.master(yaml)).isEqualTo("yarn");
    assertThat(SparkSessions.master(yaml.over(Map.of("spark.master", "local[4]"))))
        .isEqualTo("local[4]");
    assertThat(SparkSessions.master(new SparkSettings("local[5]", Map.of(), Map.of())))
        .isEqualTo("local[5]");
  }

  @Test
  void shufflePartitionsFollowTheCoresUnlessTheyAreSet() {
    assertThat(partitions("local[3]", Map.of())).isEqualTo("3");
    assertThat(partitions("local[3,2]", Map.of())).isEqualTo("3");
    assertThat(partitions("local", Map.of())).isEqualTo("1");
    assertThat(partitions("local[*]", Map.of()))
        .isEqualTo(String.valueOf(Runtime.getRuntime().availableProcessors()));
    assertThat(partitions("spark://host:7077", Map.of())).isNull();
    assertThat(partitions("local[3]", Map.of("spark.sql.shuffle.partitions", "9"))).isEqualTo("9");
    System.setProperty("spark.sql.shuffle.partitions", "11");
    assertThat(partitions("local[3]", Map.of())).isEqualTo("11");
  }

  @Test
  void aUsersExtensionsKeepDeltas() {
    assertThat(extensions(Map.of())).isEqualTo(DELTA);
    assertThat(extensions(Map.of("spark.sql.extensions", "com.acme.Own")))
        .isEqualTo("com.acme.Own," + DELTA);
    assertThat(extensions(Map.of("spark.sql.extensions", DELTA + ",com.acme.Own")))
        .isEqualTo(DELTA + ",com.acme.Own");
    SparkSettings command =
        SparkSettings.bare().over(Map.of("spark.sql.extensions", "com.acme.Own"));
    assertThat(SparkSessions.configuration("app", command))
        .containsEntry("spark.sql.extensions", "com.acme.Own," + DELTA);
  }

  private static SparkSettings given(Map<String, String> values) {
    return new SparkSettings(null, values, Map.of());
  }

  private static String partitions(String master, Map<String, String> values) {
    return SparkSessions.configuration("app", new SparkSettings(master, values, Map.of()))
        .get("spark.sql.shuffle.partitions");
  }

  private static String extensions(Map<String, String> values) {
    return SparkSessions.configuration("app", given(values)).get("spark.sql.extensions");
  }
}
