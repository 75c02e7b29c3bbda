package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what README's pages for newcomers say, to the letter: files are written where the line above
 * them says, commands given in turn, and what is shown below a command is what it prints.
 */
@DisabledOnOs(OS.WINDOWS)
class FirstPipelineTest {
  private static final String BEGIN = "<!-- first-pipeline:begin -->";
  private static final String END = "<!-- first-pipeline:end -->";

  private static final Pattern FILE_NAME = Pattern.compile("`([\\w./-]+)`.*:");
  private static final Pattern WORD = Pattern.compile("(?:[^\\s\"']|\"[^\"]*\"|'[^']*')+");

  @TempDir Path folder;

  /** A fenced block: its language, what stands in it, and the file that the line above names. */
  record Block(String language, String file, String text) {}

  private static List<Block> blocks() throws IOException {
    Path readme = Repository.root().resolve("README.md");
    String all = Files.readString(readme);
    assertThat(all).as("%s has the pages for newcomers", readme).contains(BEGIN, END);
    List<Block> blocks = new ArrayList<>();
    String above = "";
    String language = null;
    StringBuilder text = new StringBuilder();
    for (String line : all.substring(all.indexOf(BEGIN), all.indexOf(END)).lines().toList()) {
      if (language == null && line.startsWith("```")) {
        language = line.substring(3);
        text.setLength(0);
      } else if (language != null && line.equals("```")) {
        Matcher name = FILE_NAME.matcher(above);
        blocks.add(new Block(language, name.matches() ? name.group(1) : "", text.toString()));
        language = null;
        above = "";
      } else if (language != null) {
        text.append(line).append('\n');
      } else if (!line.isBlank()) {
        above = line;
      }
    }
    return blocks;
  }

  @Test
  void thePagesDoWhatTheySay() throws Exception {
    TestSession.start();
    Path root = Repository.root();
    TestProject project = new TestProject(folder);
    // A clone after its first start.
    project.file("conf/weir.yaml", Files.readString(root.resolve("conf/weir.yaml")));
    project.file("jobs/target/launch/spark.classpath", System.getProperty("java.class.path"));
    String shown = "";
    int commands = 0;
    for (Block block : blocks()) {
      switch (block.language()) {
        case "sh" -> {
          for (String line : block.text().lines().toList()) {
            commands++;
            if (line.startsWith("./weir ")) {
              TestProject.Said said = project.weir(words(line.substring("./weir ".length())));
              assertThat(said.code()).as("%s%n%s%s", line, said.out(), said.err()).isZero();
              shown = said.out();
            } else {
              shell(line);
            }
          }
        }
        case "text" -> assertThat(shown).isEqualTo(block.text());
        case "yaml", "java" -> {
          assertThat(block.file()).as("where to put:%n%s", block.text()).isNotEmpty();
          project.file(block.file(), block.text());
        }
        default ->
            throw new AssertionError(
                "What to do with a block of '%s'?".formatted(block.language()));
      }
    }
    assertThat(commands).isGreaterThan(6);
  }

  private static String[] words(String line) {
    return WORD.matcher(line).results().map(word -> unquoted(word.group())).toArray(String[]::new);
  }

  private static String unquoted(String word) {
    char first = word.charAt(0);
    return first == '"' || first == '\'' ? word.substring(1, word.length() - 1) : word;
  }

  private void shell(String line) throws Exception {
    Path said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-ec", line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    String path = Path.of(System.getProperty("java.home"), "bin") + ":" + System.getenv("PATH");
    builder.environment().put("PATH", path);
    int code = builder.start().waitFor();
    assertThat(code).as("%s%n%s", line, Files.readString(said, StandardCharsets.UTF_8)).isZero();
  }
}
