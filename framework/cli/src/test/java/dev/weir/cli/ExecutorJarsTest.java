package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.session.SparkSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorJarsTest {
  private static final String CLUSTER = "spark://far:7077";

  @TempDir Path folder;

  private Path weir;
  private Path own;
  private Path classes;

  @BeforeEach
  void files() throws Exception {
    weir = Files.createFile(folder.resolve("weir-jobs.jar"));
    own = Files.createFile(folder.resolve("own stages.jar"));
    classes = Files.createDirectories(folder.resolve("classes"));
    Files.createDirectories(classes.resolve("shop"));
    Files.writeString(classes.resolve("shop/Stage.class"), "of a class");
  }

  private List<String> jars(String master, Map<String, String> values, boolean submitted) {
    SparkSettings settings =
        ExecutorJars.ship(
            new SparkSettings(master, values),
            new UserCode(List.of(own, classes)),
            Map.of("WEIR_JAR", weir.toString()),
            submitted);
    assertThat(settings.master()).isEqualTo(master);
    return List.of(settings.values().getOrDefault("spark.jars", "").split(","));
  }

  @Test
  void executorsInThisProcessSeeItsClasses() {
    assertThat(jars("local[2]", Map.of(), false)).containsExactly(own.toUri().toString());
    SparkSettings bare = new SparkSettings("local", Map.of());
    assertThat(ExecutorJars.ship(bare, new UserCode(List.of()), Map.of(), false)).isEqualTo(bare);
  }

  @Test
  void thoseOfAClusterGetWeirAndTheUsersJarsAndFoldersOfClasses() throws Exception {
    List<String> jars = jars(CLUSTER, Map.of("spark.jars", "hdfs:/given.jar"), false);

    assertThat(jars)
        .hasSize(4)
        .startsWith(weir.toUri().toString(), "hdfs:/given.jar", own.toUri().toString());
    try (JarFile packed = new JarFile(Path.of(URI.create(jars.get(3))).toFile())) {
      assertThat(packed.stream().map(JarEntry::getName)).containsExactly("shop/Stage.class");
      assertThat(packed.getInputStream(packed.getEntry("shop/Stage.class")))
          .hasContent("of a class");
    }
    assertThat(jars("local-cluster[2,1,1024]", Map.of(), false))
        .startsWith(weir.toUri().toString());
  }

  @Test
  void sparkSubmitShipsWeirItself() {
    assertThat(jars("yarn", Map.of(), true))
        .hasSize(2)
        .startsWith(own.toUri().toString())
        .doesNotContain(weir.toUri().toString());
  }

  @Test
  void aJarThatIsNotThereIsNamed() {
    UserCode none = new UserCode(List.of());
    SparkSettings settings = new SparkSettings(CLUSTER, Map.of());

    assertThatThrownBy(() -> ExecutorJars.ship(settings, none, Map.of(), false))
        .isInstanceOfSatisfying(
            WeirException.class,
            error ->
                assertThat(error.text())
                    .contains(
                        "Executors of spark://far:7077 get Weir's classes from weir-jobs.jar; WEIR_JAR does not say where it is.")
                    .contains("use spark-submit."));
    assertThatThrownBy(
            () -> ExecutorJars.ship(settings, none, Map.of("WEIR_JAR", "/nowhere.jar"), false))
        .hasMessageContaining("WEIR_JAR names /nowhere.jar, which is not there.");
  }

  @Test
  void otherClustersAreSparkSubmits() {
    for (String master : List.of("yarn", "k8s://https://far:443", "loca[2]")) {
      assertThatThrownBy(() -> jars(master, Map.of(), false))
          .isInstanceOfSatisfying(
              WeirException.class,
              error ->
                  assertThat(error.text())
                      .contains("spark://…, not on " + master + ".")
                      .contains("spark-submit --class dev.weir.jobs.Weir --master " + master));
    }
  }
}
