package dev.weir.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SparkSessionsTest {
  @Test
  void coresAreThoseOfAllWorkersTogether() {
    assertThat(SparkSessions.cores("local")).isEqualTo(1);
    assertThat(SparkSessions.cores("local[3]")).isEqualTo(3);
    assertThat(SparkSessions.cores("local[4, 2]")).isEqualTo(4);
    assertThat(SparkSessions.cores("local[*]"))
        .isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(SparkSessions.cores("local-cluster[2,1,1024]")).isEqualTo(2);
    assertThat(SparkSessions.cores("local-cluster[ 3 , 4 , 1024 ]")).isEqualTo(12);
  }

  @Test
  void onlyAMasterOfThisMachineSaysHowManyPartitionsAShuffleHas() {
    String key = "spark.sql.shuffle.partitions";
    assertThat(values("local-cluster[2,3,1024]", Map.of(), Map.of())).containsEntry(key, "6");
    assertThat(values("local[2]", Map.of(key, "5"), Map.of())).containsEntry(key, "5");
    assertThat(values("spark://far:7077", Map.of(), Map.of())).doesNotContainKey(key);
  }

  @Test
  void tasksAreWatchedForMemoryWhereTheyRunInTheDriversProcess() {
    assertThat(values("local[2]", Map.of("spark.plugins", "own.Plugin"), Map.of()))
        .containsEntry("spark.plugins", "own.Plugin," + TaskMemory.class.getName())
        .containsEntry("spark.executor.killOnFatalError.depth", "0");
    assertThat(values("local", Map.of(), Map.of()))
        .containsEntry("spark.plugins", TaskMemory.class.getName());
    assertThat(values("local-cluster[2,1,1024]", Map.of(), Map.of()))
        .doesNotContainKeys("spark.plugins", "spark.executor.killOnFatalError.depth");
    assertThat(values("spark://far:7077", Map.of(), Map.of())).doesNotContainKey("spark.plugins");
  }

  @Test
  void whatSparkSubmitPassedWins() {
    assertThat(
            values(
                "spark://far:7077",
                Map.of("spark.executor.memory", "1g", "spark.ui.enabled", "false"),
                Map.of("spark.executor.memory", "2g")))
        .containsEntry("spark.executor.memory", "2g")
        .containsEntry("spark.ui.enabled", "false");
  }

  @Test
  void theUsersJarsGoBesideThoseOfSparkSubmit() {
    assertThat(
            values(
                "spark://far:7077",
                Map.of("spark.jars", "file:/own.jar,file:/weir-jobs.jar"),
                Map.of("spark.jars", "file:/weir-jobs.jar, file:/other.jar")))
        .containsEntry("spark.jars", "file:/weir-jobs.jar,file:/other.jar,file:/own.jar");
    assertThat(values("local[2]", Map.of(), Map.of())).doesNotContainKey("spark.jars");
  }

  @Test
  void hadoopsPropertiesComeFromSettingsAndFromSparkSubmit() {
    assertThat(
            SparkSessions.hadoop(
                new SparkSettings(null, Map.of("spark.hadoop.a", "1", "spark.hadoop.b", "1")),
                Map.of("spark.hadoop.b", "2", "spark.hadoop.c", "2", "spark.c", "2")))
        .isEqualTo(Map.of("a", "1", "b", "2", "c", "2"));
  }

  @Test
  void whatDeltaNeedsIsAlwaysThere() {
    assertThat(
            values("spark://far:7077", Map.of(), Map.of("spark.sql.extensions", "own.Extension")))
        .containsEntry(
            "spark.sql.extensions",
            "own.Extension,io.delta.sql.DeltaSparkSessionExtension,dev.weir.session.LineageFunctions")
        .containsEntry(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .containsEntry("spark.delta.logStore.file.impl", "dev.weir.store.LocalLogStore");
  }

  private static Map<String, String> values(
      String master, Map<String, String> settings, Map<String, String> submitted) {
    return SparkSessions.values("test", new SparkSettings(master, settings), submitted);
  }
}
