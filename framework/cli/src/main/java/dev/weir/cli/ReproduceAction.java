package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.config.Project;
import dev.weir.error.WeirException;
import dev.weir.pipeline.StageTypes;
import dev.weir.reproduce.Cause;
import dev.weir.reproduce.Compared;
import dev.weir.reproduce.Likeness;
import dev.weir.reproduce.Reproduced;
import dev.weir.reproduce.Reproduction;
import dev.weir.reproduce.ReproductionRequest;
import dev.weir.run.RunEvent;
import dev.weir.run.RunListener;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes a model again and shows how like it is. */
final class ReproduceAction {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final ReproduceCommand command;
  private final PrintStream out = System.out;
  private final Ansi ansi = Ansi.of(System.getenv());

  ReproduceAction(ReproduceCommand command) {
    this.command = command;
  }

  int execute() throws IOException, InterruptedException {
    Project project = command.workspace.project();
    URI home = command.workspace.home(project);
    String master = SparkSessions.master(RunAction.asked(project, command.spark));
    Path temporary = null;
    URI scratch;
    if (command.into != null) {
      scratch = project.home(command.into, Map.of());
    } else if (master.startsWith("local")) {
      temporary = Files.createTempDirectory("weir-reproduce-");
      scratch = temporary.toUri();
    } else {
      throw WeirException.user(
          "no-scratch",
          "Executors of %s reach no temporary folder of this machine.".formatted(master),
          "Name a folder that they reach with --into.");
    }
    try {
      return execute(project, home, scratch);
    } finally {
      if (temporary != null && !command.keep) {
        delete(temporary);
      }
    }
  }

  private int execute(Project project, URI home, URI scratch) throws InterruptedException {
    long began = System.nanoTime();
    // Not in the home, which stays as it is.
    SparkLog.ofCommand(project, scratch, "reproduce");
    UserCode code = code(project);
    SparkSettings spark = RunAction.settings(project, command.spark, code);
    ClassLoader loader = code.install();
    Reproduced reproduced =
        Reproduction.of(
            new ReproductionRequest(
                command.model,
                home,
                scratch,
                command.keep,
                project.uri(),
                StageTypes.of(loader),
                spark,
                project.config().modelClasses(),
                command.tolerance,
                Map.of("weir", Main.Version.number(), "command", "reproduce " + command.model)),
            command.json ? event -> {} : progress());
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    if (command.json) {
      printJson(reproduced, took);
    } else {
      print(reproduced, took);
    }
    return reproduced.verdict() == Likeness.DIFFERENT ? ExitCode.FAILED : ExitCode.DONE;
  }

  /** What was given on the command line comes first: the project may hold newer classes. */
  private UserCode code(Project project) {
    List<Path> all = UserCode.of(project, command.workspace, command.spark.jars).paths();
    int own = all.size() - command.spark.jars.size();
    List<Path> paths = new ArrayList<>(all.subList(own, all.size()));
    paths.addAll(all.subList(0, own));
    return new UserCode(paths);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private RunListener progress() {
    return event -> {
      if (event instanceof RunEvent.StageEnded ended) {
        out.println(
            ansi.dim(
                "  %s %s in %s"
                    .formatted(
                        ended.facts().stage(),
                        StageText.word(ended.facts().state()),
                        Text.duration(
                            Duration.between(ended.facts().startedAt(), ended.facts().at())))));
      }
    };
  }

  // --- For a person

  private void print(Reproduced reproduced, Duration took) {
    out.println();
    Grid grid = new Grid();
    grid.add("", "then", "now", "");
    for (Compared one : reproduced.compared()) {
      grid.add(
          name(one),
          value(one, one.then()),
          one.then().equals(one.now()) ? "the same" : value(one, one.now()),
          one.likeness() == Likeness.IDENTICAL ? "" : one.likeness().name());
    }
    grid.print(out, "  ");
    for (Compared one : reproduced.compared()) {
      if (one.detail() != null) {
        out.println("  %s: %s".formatted(name(one), one.detail()));
      }
    }
    if (!reproduced.causes().isEmpty()) {
      out.println();
      out.println("  because");
      causes(reproduced.causes());
    }
    if (!reproduced.notes().isEmpty()) {
      out.println();
      out.println("  otherwise than then, without a difference");
      causes(reproduced.notes());
    }
    out.println();
    out.println(verdict(reproduced) + " in " + Text.duration(took));
    if (reproduced.home() != null) {
      out.println("  home     " + reproduced.home());
    }
  }

  /** What holds for several stages is said once. */
  private void causes(List<Cause> causes) {
    Map<String, String> stages = new LinkedHashMap<>();
    for (Cause cause : causes) {
      stages.merge(
          cause.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + "\n" + cause.text(),
          cause.stage(),
          (a, b) -> a + ", " + b);
    }
    Grid grid = new Grid();
    stages.forEach(
        (cause, where) -> grid.add(cause.split("\n", 2)[0], where, cause.split("\n", 2)[1]));
    grid.print(out, "    ");
  }

  private static String name(Compared one) {
    return switch (one.kind()) {
      case PINNED -> one.name() + " as published";
      case METRIC -> "%s of %s".formatted(one.name(), one.stage());
      case STAGE -> "stage " + one.name();
      default -> one.name();
    };
  }

  private static String value(Compared one, String value) {
    if (one.kind() == Compared.Kind.METRIC && one.likeness() == Likeness.IDENTICAL) {
      return Text.metric(Double.parseDouble(value));
    }
    return value;
  }

  private String verdict(Reproduced reproduced) {
    return switch (reproduced.verdict()) {
      case IDENTICAL ->
          "%s: %s comes out the same to the last bit,"
              .formatted(ansi.green("IDENTICAL"), reproduced.subject());
      case EQUAL ->
          "%s: %s comes out the same within %s,"
              .formatted(ansi.green("EQUAL"), reproduced.subject(), reproduced.tolerance());
      case DIFFERENT ->
          "%s: %s does not come out as it did,"
              .formatted(ansi.red("DIFFERENT"), reproduced.subject());
    };
  }

  // --- For a program

  private void printJson(Reproduced reproduced, Duration took) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("model", reproduced.subject());
    object.put("verdict", reproduced.verdict().name());
    object.put("tolerance", reproduced.tolerance());
    object.put("seconds", took.toMillis() / 1000.0);
    object.put("compared", reproduced.compared());
    object.put("causes", reproduced.causes());
    object.put("notes", reproduced.notes());
    object.put("home", reproduced.home() == null ? null : reproduced.home().toString());
    try {
      out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + object, e);
    }
  }
}
