package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProjectSchemaTest {
  private static final Path FILE = Path.of("../../conf/weir.schema.json");

  /** {@code -Dweir.write-schema=true} writes the file instead of comparing it. */
  @Test
  void theFileIsThatOfTheSettingsThereAre() throws IOException {
    String current =
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(
                    JsonSchemas.document(ProjectConfig.class, Map.of(), "Weir project"))
            + "\n";
    if (Boolean.getBoolean("weir.write-schema")) {
      Files.createDirectories(Objects.requireNonNull(FILE.getParent()));
      Files.writeString(FILE, current);
    }
    assertThat(FILE)
        .as(
            "conf/weir.schema.json; write it again with mvn -pl framework/core test"
                + " -Dtest=ProjectSchemaTest -Dweir.write-schema=true")
        .hasContent(current);
  }
}
