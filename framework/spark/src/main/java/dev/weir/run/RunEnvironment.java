package dev.weir.run;

import dev.weir.config.ConfigJson;
import dev.weir.lineage.Actor;
import dev.weir.plan.Platform;
import dev.weir.session.SparkSessions;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Where and with what a run is made. */
final class RunEnvironment {
  /** Beginnings of settings that may change what comes out; others change how fast it does. */
  private static final List<String> RESULTS =
      List.of("spark.sql.", "spark.default.parallelism", "spark.databricks.");

  private static final Pattern SECRET =
      Pattern.compile("(?i)secret|password|token|access[.]?key|credential");

  private RunEnvironment() {}

  /**
   * The request's facts and the runner's own, by name.
   *
   * @param git what {@link #git(URI)} says
   */
  static Map<String, String> of(RunRequest request, Map<String, String> git) {
    Map<String, String> facts = new LinkedHashMap<>();
    Actor actor = Actor.of(System.getenv(), null);
    facts.put("user", actor.name());
    facts.put("host", actor.host());
    facts.put("java", System.getProperty("java.version") + " " + System.getProperty("java.vendor"));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    // MLlib's sums of products are rounded otherwise with it than without.
    facts.put(
        "vector_module",
        String.valueOf(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()));
    facts.put("spark", Platform.spark());
    facts.put("delta", Platform.delta());
    facts.put("master", SparkSessions.master(request.spark()));
    facts.put("spark_conf", conf(request));
    facts.put("home", request.home().toString());
    String log = request.log();
    if (log != null) {
      facts.put("log", log);
    }
    facts.putAll(git);
    facts.putAll(request.environment());
    return facts;
  }

  /** The settings that results may depend on, as JSON. */
  private static String conf(RunRequest request) {
    Map<String, String> conf = new TreeMap<>(request.spark().values());
    conf.keySet()
        .removeIf(
            key ->
                key.equals("spark.sql.warehouse.dir")
                    || RESULTS.stream().noneMatch(key::startsWith)
                    || SECRET.matcher(key).find());
    return ConfigJson.text(ConfigJson.of(conf));
  }

  /** What git says of a project, by name: two processes, for which one need not wait. */
  static Map<String, String> git(URI project) {
    Map<String, String> facts = new LinkedHashMap<>();
    git(project, "rev-parse", "HEAD")
        .ifPresent(
            commit -> {
              facts.put("git_commit", commit);
              git(project, "status", "--porcelain", "--untracked-files=no")
                  .ifPresent(status -> facts.put("git_dirty", String.valueOf(!status.isEmpty())));
            });
    return facts;
  }

  /** What git says, or nothing where there is no git or no repository. */
  private static Optional<String> git(URI folder, String... arguments) {
    if (!"file".equals(folder.getScheme())) {
      return Optional.empty();
    }
    String[] command = new String[arguments.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = Path.of(folder).toString();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0
          ? Optional.of(answer)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // No git here.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
