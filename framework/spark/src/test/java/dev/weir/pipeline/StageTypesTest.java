package dev.weir.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.config.Location;
import dev.weir.config.Problems;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageTypesTest {
  private static final Location AT = new Location("f.yaml", 1, 1);

  @Test
  void aStageOfTheUsersOwnComesFromTheGivenClassPath(@TempDir Path folder) throws IOException {
    Path source = folder.resolve("Mine.java");
    Files.writeString(
        source,
        """
        package com.acme;
        import dev.weir.pipeline.*;
        public record Mine(Output into, int maxRows) implements Stage {
          public void run(StageContext context) { context.metric("rows", maxRows); }
        }
        """);
    Path classes = Files.createDirectories(folder.resolve("classes"));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(result).isZero();
    Files.createDirectories(folder.resolve("conf/pipelines"));
    Files.writeString(
        folder.resolve("conf/pipelines/own.yaml"),
        """
        pipeline: own
        stages:
          - uses: com.acme.Mine
            with: { into: a.b, max-rows: 3 }
        """);
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      StageTypes types = StageTypes.of(loader, List.of());
      Pipeline pipeline = new Pipelines(folder).load("own", Map.of(), types).pipeline();
      assertThat(pipeline.stages().get(0).name()).isEqualTo("mine");
      assertThat(StageJson.of(pipeline.stages().get(0).stage()))
          .isEqualTo("{\"into\":\"a.b\",\"max-rows\":3}");
    }
    Files.delete(classes.resolve("com/acme/Mine.class"));
    Files.writeString(classes.resolve("com/acme/Mine.class"), "torn");
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      Problems problems = new Problems();
      assertThat(StageTypes.of(loader, List.of()).find("com.acme.Mine", AT, problems)).isNull();
      assertThat(problems.messages())
          .singleElement()
          .asString()
          .startsWith("f.yaml:1:1: com.acme.Mine can't be loaded: java.lang.ClassFormatError");
    }
  }

  /** A stage with a component that nothing reads. */
  record Unreadable(StringBuilder text) implements Stage {
    @Override
    public void run(StageContext context) {
      context.metric("length", text.length());
    }
  }

  /** A stage whose class can't be started. */
  record Broken(int count) implements Stage {
    private static final int LIMIT = Integer.parseInt("no number");

    @Override
    public void run(StageContext context) {
      context.metric("limit", LIMIT);
    }
  }

  @Test
  void aStageThatCannotBeMadeIsAFaultOfTheFile(@TempDir Path folder) throws IOException {
    Files.createDirectories(folder.resolve("conf/pipelines"));
    Files.writeString(
        folder.resolve("conf/pipelines/own.yaml"),
        """
        pipeline: own
        stages:
          - uses: dev.weir.pipeline.StageTypesTest.Unreadable
            with: { text: x }
          - uses: dev.weir.pipeline.StageTypesTest.Broken
            with: { count: 1 }
        """);
    StageTypes types = StageTypes.of(getClass().getClassLoader(), List.of());
    assertThatThrownBy(() -> new Pipelines(folder).load("own", Map.of(), types))
        .hasMessage(
            """
            2 faults in the pipeline 'own':
              conf/pipelines/own.yaml:3:11: dev.weir.pipeline.StageTypesTest.Unreadable: java.lang.StringBuilder can't be read from YAML: make it a record, give it a public static parse(String), or register a codec
              conf/pipelines/own.yaml:5:11: dev.weir.pipeline.StageTypesTest.Broken can't be loaded: java.lang.ExceptionInInitializerError; give what it needs with --jars, or list it under classpath: in conf/weir.yaml""");
  }

  @Test
  void aNestedClassMayBeWrittenEitherWay() {
    Problems problems = new Problems();
    StageTypes types =
        StageTypes.of(Objects.requireNonNull(getClass().getClassLoader()), List.of());
    assertThat(types.find("dev.weir.pipeline.Steps.Copy", AT, problems))
        .isEqualTo(Steps.Copy.class);
    assertThat(types.find("dev.weir.pipeline.Steps$Copy", AT, problems))
        .isEqualTo(Steps.Copy.class);
    assertThat(StageTypes.name("dev.weir.pipeline.Steps$PriceLags")).isEqualTo("price-lags");
    assertThat(problems.messages()).isEmpty();
  }

  @Test
  void twoLibrariesMayNotShareAName() {
    StageLibrary one = () -> Map.of("copy", Steps.Copy.class);
    StageLibrary other = () -> Map.of("copy", Steps.Make.class);
    ClassLoader loader = getClass().getClassLoader();
    assertThat(StageTypes.of(loader, List.of(one, one)).names()).containsOnlyKeys("copy");
    assertThatThrownBy(() -> StageTypes.of(loader, List.of(one, other)))
        .hasMessage(
            "Two libraries have a stage 'copy': dev.weir.pipeline.Steps$Copy and"
                + " dev.weir.pipeline.Steps$Make.");
  }
}
