package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows and only a whole build can. */
class ReadmeIT {
  private static final Path LAUNCH = Path.of("target/launch").toAbsolutePath();

  private static String readme() throws IOException {
    return Files.readString(Runs.ROOT.resolve("README.md"));
  }

  private static String find(String pattern) throws IOException {
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(readme());
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }

  @Test
  void theFirstStageCompilesOnTheClassPathThatTheBuildLeaves(@TempDir Path project)
      throws Exception {
    Path source = project.resolve("stages/shop/SpentPerVisit.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, find("```java\n(package shop;.*?)```"));
    Files.createDirectories(project.resolve("jobs/target"));
    Files.createSymbolicLink(project.resolve("jobs/target/launch"), LAUNCH);

    Process javac =
        new ProcessBuilder("sh", "-c", find("\n(javac [^\n]*)\n"))
            .directory(project.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(javac.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(javac.waitFor()).as(said).isZero();
    assertThat(project.resolve("stages/classes/shop/SpentPerVisit.class")).exists();
  }

  @Test
  void theLineOfPySparkIsTheOneThatIsTried() throws IOException {
    assertThat(NotebookIT.SCORE).contains(find("```python\n(model = .*?)\n```"));
  }
}
