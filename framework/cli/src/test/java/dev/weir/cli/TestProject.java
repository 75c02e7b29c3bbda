package dev.weir.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small project of a test's own, in which commands are given as in a terminal. */
final class TestProject {
  private final Path folder;

  /** What a command came to. */
  record Said(int code, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  TestProject(Path folder) {
    this.folder = folder;
    file("conf/weir.yaml", "");
  }

  Path folder() {
    return folder;
  }

  URI home() {
    return folder.resolve(".weir").toUri();
  }

  /** Writes a file below the project's folder. */
  TestProject file(String path, String text) {
    try {
      Path file = folder.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Writes a pipeline's file. */
  TestProject pipeline(String name, String yaml) {
    return file("conf/pipelines/" + name + ".yaml", yaml);
  }

  /** Gives a command in this process. */
  Said weir(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    // A process can't change its folder; and WEIR_HOME may be set where tests are run.
    all.add("--project=" + folder);
    all.add("--home=" + home());
    return execute(all.toArray(String[]::new));
  }

  /** Gives a command that needs no project. */
  static Said execute(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream saidOut = new ByteArrayOutputStream();
    ByteArrayOutputStream saidErr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(saidOut, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(saidErr, true, StandardCharsets.UTF_8));
    int code;
    try {
      code = Main.execute(arguments);
      System.out.flush();
      System.err.flush();
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    Said said =
        new Said(
            code,
            saidOut.toString(StandardCharsets.UTF_8),
            saidErr.toString(StandardCharsets.UTF_8));
    // Kept in the test's own output, for whoever wants to see what a person sees.
    System.out.println("$ weir " + String.join(" ", arguments) + "\n" + said.out() + said.err());
    return said;
  }
}
