package dev.weir.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.weir.config.Binder;
import dev.weir.config.ConfigJson;
import dev.weir.config.Problems;
import dev.weir.config.Yaml;
import dev.weir.config.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineSchemaTest {
  private static final Path FILE = Path.of("../../conf/pipeline.schema.json");

  /** {@code -Dweir.write-schema=true} writes the file instead of comparing it. */
  @Test
  void theFileIsThatOfTheStagesThereAre() throws IOException {
    String current = PipelineSchema.text(StageTypes.of(getClass().getClassLoader()));
    if (Boolean.getBoolean("weir.write-schema")) {
      Files.createDirectories(Objects.requireNonNull(FILE.getParent()));
      Files.writeString(FILE, current);
    }
    assertThat(FILE)
        .as(
            "conf/pipeline.schema.json; write it again with mvn -pl framework/core,framework/spark"
                + " test -Dtest=PipelineSchemaTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dweir.write-schema=true")
        .hasContent(current);
  }

  @Test
  void thePipelinesOfTheProjectKeepToIt() throws IOException {
    JsonSchema schema = schema(StageTypes.of(getClass().getClassLoader()));
    Path folder = FILE.resolveSibling("pipelines");
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        assertThat(schema.validate(json(Files.readString(file)))).as(file.toString()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ pipeline: a, stages: [ { uses: make, with: { into: a.b } } ] }",
        "{ pipeline: a, stages: [ { uses: nothing } ] }",
        "{ pipeline: a, description: x, params: { seed: 1, b: { type: int, default: 3, help: x } },"
            + " stages: [ { name: x, uses: make, with: { into: a.b, rows: '${b}', source: x },"
            + " after: [y], retry: { attempts: 3, backoff: 1h30m }, timeout: 5m } ] }",
        "{ pipeline: a, stages: [ { uses: com.acme.Stage, with: { any: [1] } } ] }",
        "{ pipeline: a, stages: [ { uses: nothing, after: x } ] }",
        "{ pipeline: a, stages: [ { uses: join, with: { parts: [a.b], named: { x: a.c }, into: a.d"
            + " } } ] }",
      })
  void whatLoadsIsAccepted(String yaml) {
    assertThat(schema(Steps.types()).validate(json(yaml))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ stages: [ { uses: nothing } ] }",
        "{ pipeline: A B, stages: [ { uses: nothing } ] }",
        "{ pipeline: a, stages: [] }",
        "{ pipeline: a, stages: [ { uses: make } ] }",
        "{ pipeline: a, stages: [ { uses: mak, with: { into: a.b } } ] }",
        "{ pipeline: a, stages: [ { uses: make, with: { into: a.b, row: 1 } } ] }",
        "{ pipeline: a, stages: [ { uses: make, with: { into: a.b, rows: ten } } ] }",
        "{ pipeline: a, stages: [ { uses: make, with: { into: [a.b] } } ] }",
        "{ pipeline: a, stages: [ { uses: nothing, retry: { backoff: 1s } } ] }",
        "{ pipeline: a, stages: [ { uses: nothing, timeout: soon } ] }",
        "{ pipeline: a, stages: [ { uses: nothing, afterwards: [x] } ] }",
        "{ pipeline: a, params: { x: { type: integer } }, stages: [ { uses: nothing } ] }",
        "{ pipeline: a, parameters: {}, stages: [ { uses: nothing } ] }",
      })
  void whatDoesNotLoadIsRefused(String yaml) {
    assertThat(schema(Steps.types()).validate(json(yaml))).isNotEmpty();
  }

  private static JsonSchema schema(StageTypes types) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(PipelineSchema.of(types));
  }

  private static JsonNode json(String yaml) {
    Problems problems = new Problems();
    Yaml node = Objects.requireNonNull(YamlReader.parse("f.yaml", yaml, problems));
    Object plain = new Binder(Map.of()).read(node, Object.class, "it", problems);
    assertThat(problems.messages()).isEmpty();
    try {
      return new ObjectMapper().readTree(ConfigJson.text(ConfigJson.of(plain)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
