package dev.weir.pipeline;

import dev.weir.config.Problems;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pipelines of a project: the files in its {@code conf/pipelines}. */
public final class Pipelines {
  private static final String FOLDER = "conf/pipelines";

  private final Path project;

  /**
   * What can be said of a pipeline without its stages' classes.
   *
   * @param file the file, relative to the project's folder
   * @param stages how many stages it has
   * @param faults what is wrong with the file, each with its place; wiring is not looked at
   */
  public record Summary(
      String name,
      @Nullable String description,
      String file,
      int stages,
      List<PipelineParam> params,
      List<String> faults) {
    public Summary {
      params = List.copyOf(params);
      faults = List.copyOf(faults);
    }
  }

  /**
   * @param project the folder that holds {@code conf/}
   */
  public Pipelines(Path project) {
    this.project = project.toAbsolutePath().normalize();
  }

  /** Every pipeline, broken files included, by name. Loads no stage's class. */
  public List<Summary> list() {
    List<Summary> summaries = new ArrayList<>();
    for (Path path : files()) {
      summaries.add(read(path).summary());
    }
    summaries.sort(Comparator.comparing(Summary::name).thenComparing(Summary::file));
    return summaries;
  }

  /** Loads a pipeline as {@link #load(String, Map, StageTypes, Graph.Catalog)}, for any home. */
  public LoadedPipeline load(String name, Map<String, String> params, StageTypes types) {
    return named(name).load(params, types, null);
  }

  /**
   * Loads a pipeline; throws one error that lists every fault of its file, its stages'
   * configuration and its wiring, and everything that it reads and nobody makes.
   *
   * @param name the pipeline's name
   * @param params values of parameters by name, as text
   * @param types the stages there are
   * @param catalog what is there before a run; asked only for what no stage makes
   */
  public LoadedPipeline load(
      String name, Map<String, String> params, StageTypes types, Graph.Catalog catalog) {
    return named(name).load(params, types, catalog);
  }

  /** Loads the pipeline of a file. */
  public LoadedPipeline load(
      Path path, Map<String, String> params, StageTypes types, Graph.Catalog catalog) {
    return read(path).load(params, types, catalog);
  }

  private Source named(String name) {
    List<Source> all = files().stream().map(this::read).toList();
    List<Source> found = all.stream().filter(s -> s.name().equals(name)).toList();
    if (found.size() > 1) {
      throw WeirException.user(
          "ambiguous-pipeline",
          "'%s' is the name of several pipelines: %s."
              .formatted(name, String.join(", ", found.stream().map(Source::shown).toList())),
          "Give each a name of its own.");
    }
    if (found.isEmpty()) {
      List<String> names = all.stream().map(Source::name).sorted().toList();
      throw WeirException.user(
          "unknown-pipeline",
          "There is no pipeline '%s' in %s%s."
              .formatted(
                  name, project.resolve(FOLDER), names.isEmpty() ? ", which holds none" : ""),
          Nearest.of(name, names)
              .map(n -> "Did you mean '" + n + "'?")
              .orElse(
                  names.isEmpty()
                      ? "Write one as %s/%s.yaml.".formatted(FOLDER, name)
                      : "There are " + String.join(", ", names) + "."));
    }
    return found.get(0);
  }

  /**
   * A file that was read once.
   *
   * @param file what it holds, or null if that is not even a mapping
   * @param problems what is wrong with it
   */
  private record Source(Path path, String shown, @Nullable PipelineFile file, Problems problems) {
    String name() {
      return file == null ? stem(path) : file.name();
    }

    Summary summary() {
      return file == null
          ? new Summary(name(), null, shown, 0, List.of(), problems.messages())
          : new Summary(
              name(),
              file.description(),
              shown,
              file.stages().size(),
              file.params(),
              problems.messages());
    }

    LoadedPipeline load(
        Map<String, String> params, StageTypes types, Graph.@Nullable Catalog catalog) {
      if (file == null) {
        problems.throwIfAny("invalid-pipeline", shown);
        throw new IllegalStateException("No pipeline and no fault in " + path);
      }
      return new PipelineLoader(file, types, problems).load(params, catalog);
    }
  }

  private Source read(Path path) {
    Problems problems = new Problems();
    PipelineFile file = PipelineFile.read(path, shown(path), problems);
    return new Source(path, shown(path), file, problems);
  }

  private static String stem(Path path) {
    return String.valueOf(path.getFileName()).replaceFirst("\\.ya?ml$", "");
  }

  private String shown(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    return absolute.startsWith(project)
        ? project.relativize(absolute).toString()
        : absolute.toString();
  }

  private List<Path> files() {
    Path folder = project.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(p -> p.toString().endsWith(".yaml") || p.toString().endsWith(".yml"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Can't list " + folder, e);
    }
  }
}
