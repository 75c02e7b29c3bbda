package dev.weir.provenance;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelVersion;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Published;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What came from a version of a dataset that turned out bad, and the least work that makes it again
 * from the newest.
 *
 * @param bad the version
 * @param newest the newest version of the same dataset
 * @param made all that came from it
 * @param models the registered versions among it
 * @param steps what to run, in order; what was made again since is not among it
 */
public record RebuildPlan(
    String bad, String newest, List<String> made, List<Model> models, List<Step> steps) {
  public RebuildPlan {
    made = List.copyOf(made);
    models = List.copyOf(models);
    steps = List.copyOf(steps);
  }

  /**
   * A registered model that came from it.
   *
   * @param aliases the aliases that name it now
   */
  public record Model(String reference, List<String> aliases) {
    public Model {
      aliases = List.copyOf(aliases);
    }
  }

  /**
   * A pipeline of which stages are to run.
   *
   * @param run the run whose results are made again; its parameters hold
   * @param from the stages that read something bad first: they run with all that follow them
   * @param stages all the stages whose newest results came from it
   * @param outputs those results
   */
  public record Step(
      String pipeline, String run, List<String> from, List<String> stages, List<String> outputs) {
    public Step {
      from = List.copyOf(from);
      stages = List.copyOf(stages);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * What is to be done now.
   *
   * @param asked {@code dataset:namespace.name@version}
   * @throws WeirException {@code invalid-dataset}, {@code unknown-dataset}; {@code
   *     no-newer-version} if there is nothing better to make anything from; {@code
   *     pins-bad-version} if a pipeline asks for just this version
   */
  public static RebuildPlan of(LineageReader lineage, String asked) {
    DatasetVersion bad = parse(asked);
    Published published = Published.of(lineage);
    Fact.DatasetWritten written =
        published.dataset(bad.name(), bad.version()).orElseThrow(() -> unknown(bad, published));
    Fact.DatasetWritten newest = published.dataset(bad.name(), null).orElse(written);
    if (newest.reference().equals(written.reference())
        && newest.tableId().equals(written.tableId())) {
      throw WeirException.user(
          "no-newer-version",
          "%s is the newest version of %s: there is nothing better to make anything from."
              .formatted(bad, bad.name()),
          "Publish a good version of it first.");
    }
    if (newest.digest().equals(written.digest())) {
      throw WeirException.user(
          "no-newer-version",
          "%s, the newest version of %s, holds the same as %s: nothing would come out otherwise."
              .formatted(newest.reference(), bad.name(), bad),
          "Publish a good version of it first.");
    }
    Downstream downstream = Downstream.of(lineage, bad.reference(), written.tableId());
    List<String> made = downstream.references();
    return new RebuildPlan(
        bad.reference(),
        newest.reference(),
        made,
        models(lineage, made),
        new Steps(lineage, bad.reference(), downstream).all());
  }

  private static DatasetVersion parse(String asked) {
    try {
      ArtifactVersion version =
          ArtifactVersion.parse(asked.contains(":") ? asked : "dataset:" + asked);
      if (version instanceof DatasetVersion dataset) {
        return dataset;
      }
      throw WeirException.user(
          "invalid-dataset",
          "%s is not a version of a dataset.".formatted(asked),
          "Such as dataset:credit.clean@12.");
    } catch (IllegalArgumentException e) {
      throw WeirException.user(
          "invalid-dataset", e.getMessage() + ".", "Such as dataset:credit.clean@12.");
    }
  }

  private static WeirException unknown(DatasetVersion asked, Published published) {
    List<Long> versions = published.versions(asked.name());
    List<String> names = published.datasets().keySet().stream().map(DatasetName::toString).toList();
    return WeirException.user(
        "unknown-dataset",
        versions.isEmpty()
            ? "There is no dataset %s in the home%s"
                .formatted(asked.name(), Nearest.ending(asked.name().toString(), names))
            : "There is no version %d of %s.".formatted(asked.version(), asked.name()),
        versions.isEmpty()
            ? "There are " + String.join(", ", names) + "."
            : "It has "
                + versions.stream().map(String::valueOf).collect(Collectors.joining(", "))
                + ".");
  }

  private static List<Model> models(LineageReader lineage, List<String> made) {
    Map<String, Row> aliases = new TreeMap<>();
    for (Row row : lineage.rows(LineageTable.ALIASES, List.of())) {
      aliases.merge(
          row.string("name") + " " + row.string("alias"),
          row,
          (a, b) -> Works.at(a).isAfter(Works.at(b)) ? a : b);
    }
    return made.stream()
        .filter(reference -> reference.startsWith("model:"))
        .map(
            reference ->
                new Model(
                    reference,
                    aliases.values().stream()
                        .filter(row -> reference.equals(row.text("to_reference")))
                        .map(row -> row.string("alias"))
                        .toList()))
        .toList();
  }

  /** Finds what is to run. */
  private static final class Steps {
    private final LineageReader lineage;
    private final String bad;
    private final Downstream downstream;
    private final Set<String> affected;

    /** Of what came of the bad version, that of which nothing newer is there; with its row. */
    private final Map<String, Row> stale = new LinkedHashMap<>();

    Steps(LineageReader lineage, String bad, Downstream downstream) {
      this.lineage = lineage;
      this.bad = bad;
      this.downstream = downstream;
      this.affected = new HashSet<>(downstream.references());
      for (String reference : downstream.references()) {
        newest(reference)
            .filter(row -> row.string("reference").equals(reference))
            .ifPresent(row -> stale.put(reference, row));
      }
    }

    /** The row of the newest of its kind and name. */
    private Optional<Row> newest(String reference) {
      ArtifactVersion version = ArtifactVersion.parse(reference);
      if (version instanceof DatasetVersion dataset) {
        return Works.newest(rows(LineageTable.DATASETS, dataset.name().toString()));
      }
      if (version instanceof ModelVersion model) {
        return Works.newest(
            rows(LineageTable.MODELS, model.name().toString()).stream()
                .filter(row -> row.get("number") != null)
                .toList());
      }
      if (version instanceof ModelCandidate candidate) {
        return Works.newest(
            rows(LineageTable.MODELS, candidate.name().toString()).stream()
                .filter(row -> row.get("number") == null)
                .toList());
      }
      return Optional.empty();
    }

    private List<Row> rows(LineageTable table, String name) {
      return lineage.rows(table, List.of(Filter.equal("name", name)));
    }

    List<Step> all() {
      Map<String, Set<String>> stages = new TreeMap<>();
      for (Downstream.Edge edge : downstream.edges()) {
        if (stale.containsKey(edge.to())) {
          stages.computeIfAbsent(edge.pipeline(), p -> new LinkedHashSet<>()).add(edge.stage());
        }
      }
      Map<String, Step> steps = new TreeMap<>();
      stages.forEach((pipeline, names) -> steps.put(pipeline, step(pipeline, names)));
      return ordered(steps);
    }

    private Step step(String pipeline, Set<String> stages) {
      Set<String> from = new LinkedHashSet<>();
      Set<String> outputs = new LinkedHashSet<>();
      for (Downstream.Edge edge : downstream.edges()) {
        if (edge.pipeline().equals(pipeline) && stages.contains(edge.stage())) {
          if (stale.containsKey(edge.to())) {
            outputs.add(edge.to());
          }
          if (!madeIn(pipeline, stages, edge.from())) {
            from.add(edge.stage());
          }
        }
      }
      String run =
          outputs.stream()
              .flatMap(output -> Optional.ofNullable(stale.get(output)).stream())
              .filter(row -> row.string("pipeline").equals(pipeline))
              .max(Comparator.comparing(Works::at))
              .map(row -> row.string("run"))
              .orElseGet(() -> lineage.lastRun(pipeline).orElse(""));
      requireFree(pipeline, run);
      return new Step(pipeline, run, List.copyOf(from), List.copyOf(stages), List.copyOf(outputs));
    }

    /**
     * Whether one of the stages makes something of that name, so that it need not be read first.
     */
    private boolean madeIn(String pipeline, Set<String> stages, String reference) {
      return affected.contains(reference)
          && downstream.edges().stream()
              .anyMatch(
                  edge ->
                      edge.to().equals(reference)
                          && edge.pipeline().equals(pipeline)
                          && stages.contains(edge.stage()));
    }

    /** A pipeline that names the bad version itself would read it again. */
    private void requireFree(String pipeline, String run) {
      lineage
          .start(run)
          .ifPresent(
              started ->
                  started
                      .snapshot()
                      .datasets()
                      .forEach(
                          (asked, read) -> {
                            if (asked.contains("@") && read.reference().equals(bad)) {
                              throw WeirException.user(
                                  "pins-bad-version",
                                  "The pipeline %s reads %s by that version, and would again."
                                      .formatted(pipeline, asked),
                                  "Leave the version out of its file, or name a good one, and run it: ./weir run %s."
                                      .formatted(pipeline));
                            }
                          }));
    }

    /** Each pipeline after those whose results it reads. */
    private List<Step> ordered(Map<String, Step> steps) {
      Map<String, Set<String>> after = new HashMap<>();
      for (Downstream.Edge edge : downstream.edges()) {
        String reader = edge.pipeline();
        if (!steps.containsKey(reader)) {
          continue;
        }
        for (Step maker : steps.values()) {
          if (!maker.pipeline().equals(reader) && maker.outputs().contains(edge.from())) {
            after.computeIfAbsent(reader, r -> new TreeSet<>()).add(maker.pipeline());
          }
        }
      }
      List<Step> ordered = new ArrayList<>();
      Map<String, Step> left = new TreeMap<>(steps);
      while (!left.isEmpty()) {
        // Where pipelines read each other in a circle, any is the first.
        String next =
            left.keySet().stream()
                .filter(
                    name ->
                        after.getOrDefault(name, Set.of()).stream().noneMatch(left::containsKey))
                .findFirst()
                .orElseGet(() -> left.keySet().iterator().next());
        ordered.add(left.remove(next));
      }
      return ordered;
    }
  }
}
