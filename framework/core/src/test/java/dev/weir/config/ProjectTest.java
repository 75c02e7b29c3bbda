package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectTest {
  private final Path folder;

  ProjectTest(@TempDir Path temporary) throws IOException {
    folder = temporary.toRealPath().resolve("my project");
    Files.createDirectories(folder.resolve("conf"));
  }

  @Test
  void theNearestFolderAboveIsTheProject() throws IOException {
    write("");
    Path below = Files.createDirectories(folder.resolve("jobs/src"));
    assertThat(Project.find(below)).isEqualTo(new Project(folder, ProjectConfig.DEFAULT));
    Files.createDirectories(folder.resolve("jobs/conf"));
    Files.writeString(folder.resolve("jobs/conf/weir.yaml"), "# nothing\n");
    assertThat(Project.find(below).folder()).isEqualTo(folder.resolve("jobs"));
    assertThat(Project.find(folder).resolve("a/../b.csv")).isEqualTo(folder.resolve("b.csv"));
    assertThat(Project.find(folder).pipelines()).isEqualTo(folder.resolve("conf/pipelines"));
  }

  @Test
  void noProjectIsSaid() {
    assertThat(Project.above(folder)).isEmpty();
    assertThatThrownBy(() -> Project.find(folder))
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "There is no conf/weir.yaml in %s or any folder above it. Go to a Weir project, or make the file: it may be empty."
                            .formatted(folder)));
  }

  @Test
  void faultsOfTheFileArePlaced() throws IOException {
    write("hom: x\nspark:\n  spark.ui.enabled: [true]\n");
    assertThatThrownBy(() -> Project.find(folder))
        .hasMessage(
            """
            2 faults in conf/weir.yaml of %s:
              conf/weir.yaml:1:1: unknown key 'hom'; did you mean 'home'?
              conf/weir.yaml:3:21: 'spark.ui.enabled' expects text, found a list"""
                .formatted(folder));
    write("spark: { driver.memory: 4g }\n");
    assertThatThrownBy(() -> Project.find(folder))
        .hasMessage(
            """
            1 fault in conf/weir.yaml of %s:
              conf/weir.yaml:1:1: 'driver.memory' under 'spark' is no setting of Spark: write 'spark.driver.memory'"""
                .formatted(folder));
    write("home: ''\n");
    assertThatThrownBy(() -> Project.find(folder))
        .hasMessageEndingWith(
            "conf/weir.yaml:1:1: 'home' is empty: name a folder or a URI, or leave it out");
    write("audit-key: ' '\n");
    assertThatThrownBy(() -> Project.find(folder))
        .hasMessageEndingWith(
            "conf/weir.yaml:1:1: 'audit-key' is empty: name a file, or leave it out");
    write("classpath: [' ']\n");
    assertThatThrownBy(() -> Project.find(folder))
        .hasMessageEndingWith("conf/weir.yaml:1:1: 'classpath' holds an empty entry");
    write("model-classes: [ com.example.ml, 'com/example' ]\n");
    assertThatThrownBy(() -> Project.find(folder))
        .hasMessageEndingWith(
            "conf/weir.yaml:1:1: 'com/example' under 'model-classes' is neither a class nor a package: write it as com.example.ml");
  }

  @Test
  void everyKeyHasHelpAndItsDefault() {
    assertThat(Arrays.stream(ProjectConfig.class.getRecordComponents()))
        .allMatch(component -> component.isAnnotationPresent(Help.class));
    assertThat(ProjectConfig.DEFAULT)
        .isEqualTo(
            new ProjectConfig(
                null,
                List.of(),
                List.of(),
                Map.of(),
                List.of(),
                null,
                new Retention(
                    Period.FOREVER,
                    Period.FOREVER,
                    Period.days(365),
                    Period.days(30),
                    Period.days(30)),
                null));
    assertThat(Arrays.stream(Retention.class.getRecordComponents()))
        .allMatch(component -> component.isAnnotationPresent(Help.class));
  }

  @Test
  void theHomeIsTheFirstThatIsNamed() throws IOException {
    write("");
    Project plain = Project.find(folder);
    URI beside = plain.home(null, Map.of());
    assertThat(beside).hasToString(plain.uri() + "/.weir").hasScheme("file");
    assertThat(beside.toString()).endsWith("/my%20project/.weir").startsWith("file:///");
    Files.createDirectories(folder.resolve(".weir"));
    assertThat(plain.home(null, Map.of())).isEqualTo(beside);

    write("home: data/here\n");
    Project configured = Project.find(folder);
    assertThat(configured.home(null, Map.of())).hasToString(plain.uri() + "/data/here");
    Map<String, String> environment = Map.of("WEIR_HOME", "/tmp/there/");
    assertThat(configured.home(null, environment)).hasToString("file:///tmp/there");
    assertThat(configured.home("s3a://bucket/weir/", environment)).hasToString("s3a://bucket/weir");
    assertThat(configured.home("other", environment)).hasToString(plain.uri() + "/other");
    assertThat(configured.home("file:/tmp/x", environment)).hasToString("file:///tmp/x");
    assertThat(configured.home("~/w", Map.of()))
        .isEqualTo(URI.create("file://" + System.getProperty("user.home") + "/w"));
    assertThatThrownBy(() -> configured.home("s3a://a b", Map.of()))
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "--home is 's3a://a b', which is no URI: Illegal character in authority."
                            + " Name a folder or a URI such as s3a://bucket/weir."));
    assertThatThrownBy(() -> configured.home(" ", Map.of())).hasMessage("--home is empty.");
  }

  @Test
  void theClassPathFollowsGlobs() throws IOException {
    for (String jar : List.of("lib/b.jar", "lib/a.jar", "lib/deep/c.jar", "one.jar")) {
      Files.createDirectories(folder.resolve("lib/deep"));
      Files.createFile(folder.resolve(jar));
    }
    write("classpath: [one.jar, 'lib/*.jar', '*.jar', lib]\n");
    assertThat(Project.find(folder).classpath())
        .extracting(p -> folder.relativize(p).toString())
        .containsExactly("one.jar", "lib/a.jar", "lib/b.jar", "lib");
    write("classpath: ['lib/**/*.jar', 'lib/{a,b}.jar', '%s/lib/a.*']\n".formatted(folder));
    assertThat(Project.find(folder).classpath())
        .extracting(p -> folder.relativize(p).toString())
        .containsExactly("lib/deep/c.jar", "lib/a.jar", "lib/b.jar");
    write("classpath: [none.jar, 'lib/*.zip', 'nowhere/*']\n");
    assertThatThrownBy(() -> Project.find(folder).classpath())
        .hasMessage(
            """
            3 faults in conf/weir.yaml of %1$s:
              'none.jar' under classpath is not there: %1$s/none.jar
              'lib/*.zip' under classpath matches nothing in %1$s
              'nowhere/*' under classpath matches nothing in %1$s"""
                .formatted(folder));
  }

  @Test
  void sparkSettingsAreTextInTheirOrder() throws IOException {
    write("spark: { spark.sql.shuffle.partitions: 8, spark.driver.memory: 4g }\n");
    assertThat(Project.find(folder).config().spark())
        .containsExactly(
            Map.entry("spark.sql.shuffle.partitions", "8"), Map.entry("spark.driver.memory", "4g"));
  }

  @Test
  void theAuditKeyIsAFileOfTheProject() throws IOException {
    write("audit-key: keys/audit.pem\n");
    assertThat(Project.find(folder).config().auditKey()).isEqualTo("keys/audit.pem");
    write("");
    assertThat(Project.find(folder).config().auditKey()).isNull();
  }

  @Test
  void whatIsKeptHasAPeriodForEachState() throws IOException {
    write("home: x\n");
    assertThat(Project.find(folder).config().retention()).isEqualTo(Retention.DEFAULT);
    write("retention: {}\n");
    assertThat(Project.find(folder).config().retention()).isEqualTo(Retention.DEFAULT);
    write(
        "retention: { production: 730d, registered: 500d, retired: forever, unregistered: 0s, unfinished: 36h }\n");
    assertThat(Project.find(folder).config().retention())
        .isEqualTo(
            new Retention(
                Period.days(730),
                Period.days(500),
                Period.FOREVER,
                new Period(Duration.ZERO),
                new Period(Duration.ofHours(36))));
    write("retention: { retired: 7d }\n");
    assertThat(Project.find(folder).config().retention())
        .isEqualTo(
            new Retention(
                Period.FOREVER, Period.FOREVER, Period.days(7), Period.days(30), Period.days(30)));
    write("retention: { production: always, retried: 1d, unfinished: 999999d }\n");
    assertThatThrownBy(() -> Project.find(folder))
        .hasMessage(
            """
            3 faults in conf/weir.yaml of %s:
              conf/weir.yaml:1:26: 'production': 'always' is no period: write forever, 365d or 12h
              conf/weir.yaml:1:34: unknown key 'retried'; did you mean 'retired'?
              conf/weir.yaml:1:59: 'unfinished': a period is at most 100000d: write forever"""
                .formatted(folder));
    Instant since = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(Period.days(2).end(since)).contains(Instant.parse("2026-01-03T00:00:00Z"));
    assertThat(Period.FOREVER.end(since)).isEmpty();
    assertThat(List.of(Period.FOREVER, Period.days(2), Period.parse("36h")))
        .extracting(Period::toString)
        .containsExactly("forever", "2d", "1d12h");
  }

  private void write(String yaml) throws IOException {
    Files.writeString(folder.resolve("conf/weir.yaml"), yaml);
  }
}
