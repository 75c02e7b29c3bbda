package dev.weir.registry;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Aliases;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The model versions of a home as they are now, or were at a moment. */
public final class RegistryView {
  /** By time, which is the order of the commits. */
  private static final Comparator<Review> OLDEST = Comparator.comparing(Review::at);

  private final LineageReader lineage;
  private final @Nullable Instant at;

  private RegistryView(LineageReader lineage, @Nullable Instant at) {
    this.lineage = lineage;
    this.at = at;
  }

  /** As they are by what a reader sees. */
  public static RegistryView of(LineageReader lineage) {
    return new RegistryView(lineage, null);
  }

  /** As they were at a moment: what was registered, said and named by then. */
  public static RegistryView at(LineageReader lineage, Instant at) {
    return new RegistryView(lineage, at);
  }

  private boolean passed(@Nullable Instant when) {
    return at == null || !Objects.requireNonNull(when).isAfter(at);
  }

  // --- Models

  /** Every registered version, by name and number. */
  public List<RegisteredModel> models() {
    return models(List.of(), Aliases.of(lineage));
  }

  /** The registered versions of a model, by number; none where there is no such model. */
  public List<RegisteredModel> models(ModelName name) {
    return models(List.of(named(name)), Aliases.of(lineage, name));
  }

  private static Filter named(ModelName name) {
    return Filter.equal("name", name.toString());
  }

  private List<RegisteredModel> models(List<Filter> filters, Aliases aliases) {
    List<Filter> registered = new ArrayList<>(filters);
    registered.add(Filter.equal("kind", "registered"));
    List<Row> rows =
        lineage.rows(LineageTable.MODELS, registered).stream()
            .filter(row -> passed(row.instant("at")))
            .toList();
    Set<String> runs = new HashSet<>();
    for (Row row : rows) {
      runs.add(row.string("run"));
      runs.add(trainedIn(row));
    }
    Map<String, String> starters = starters(runs);
    Map<String, List<Review>> reviews = reviews(filters);
    Map<ModelVersion, List<String>> named = new HashMap<>();
    for (Aliases.Period period : aliases.at(at)) {
      named.computeIfAbsent(period.version(), version -> new ArrayList<>()).add(period.alias());
    }
    return rows.stream()
        .map(row -> model(row, starters, reviews, named))
        .sorted(
            Comparator.<RegisteredModel, ModelName>comparing(model -> model.version().name())
                .thenComparing(model -> model.version().number()))
        .toList();
  }

  private static RegisteredModel model(
      Row row,
      Map<String, String> starters,
      Map<String, List<Review>> reviews,
      Map<ModelVersion, List<String>> named) {
    ModelVersion version = (ModelVersion) ArtifactVersion.parse(row.string("reference"));
    List<Review> said = reviews.getOrDefault(version.reference(), List.of());
    Review last = said.isEmpty() ? null : said.get(said.size() - 1);
    String digest = row.string("digest");
    String evaluation = row.text("evaluation");
    String run = row.string("run");
    String trainedIn = trainedIn(row);
    return new RegisteredModel(
        version,
        state(last, digest, evaluation),
        last,
        named.getOrDefault(version, List.of()),
        row.string("candidate"),
        digest,
        row.text("content_digest"),
        row.text("type"),
        evaluation,
        row.text("signature"),
        run,
        Objects.requireNonNull(row.instant("at")),
        starters.get(run),
        trainedIn,
        starters.get(trainedIn));
  }

  private static String trainedIn(Row row) {
    return ((ModelCandidate) ArtifactVersion.parse(row.string("candidate"))).run();
  }

  /** An approval holds for the files and the evaluation that were looked at, and for no others. */
  private static ModelState state(
      @Nullable Review last, String digest, @Nullable String evaluation) {
    if (last == null) {
      return ModelState.REGISTERED;
    }
    boolean same = digest.equals(last.digest()) && Objects.equals(evaluation, last.evaluation());
    return last.decision() == ModelState.APPROVED && !same
        ? ModelState.REGISTERED
        : last.decision();
  }

  /** Who started each of some runs. */
  private Map<String, String> starters(Set<String> runs) {
    Map<String, String> starters = new HashMap<>();
    Set<String> wanted = new HashSet<>(runs);
    Iterator<List<Row>> ended =
        lineage.newestFirst(LineageTable.RUNS, List.of("run", "started_by"), List.of());
    while (!wanted.isEmpty() && ended.hasNext()) {
      for (Row row : ended.next()) {
        String by = row.text("started_by");
        if (wanted.remove(row.string("run")) && by != null) {
          starters.put(row.string("run"), by);
        }
      }
    }
    // Those under way have no row yet.
    for (String run : wanted) {
      lineage
          .start(run)
          .map(started -> started.environment().get("user"))
          .ifPresent(by -> starters.put(run, by));
    }
    return starters;
  }

  private Map<String, List<Review>> reviews(List<Filter> filters) {
    Map<String, List<Review>> reviews = new HashMap<>();
    for (Row row : lineage.rows(LineageTable.REVIEWS, filters)) {
      if (passed(row.instant("at"))) {
        reviews
            .computeIfAbsent(row.string("reference"), reference -> new ArrayList<>())
            .add(review(row));
      }
    }
    reviews.values().forEach(said -> said.sort(OLDEST));
    return reviews;
  }

  private static Review review(Row row) {
    return new Review(
        ModelState.valueOf(row.string("decision")),
        new Actor(row.string("done_by"), row.string("host"), row.text("claimed_by")),
        Objects.requireNonNull(row.instant("at")),
        row.string("reason"),
        row.text("digest"),
        row.text("evaluation"),
        row.text("overrode"));
  }

  /** Everything that was said of a version, the oldest first. */
  public List<Review> reviews(ModelVersion version) {
    return List.copyOf(
        reviews(List.of(Filter.equal("reference", version.reference())))
            .getOrDefault(version.reference(), List.of()));
  }

  /** What a model's aliases mean and have meant. */
  public Aliases aliases(ModelName name) {
    return Aliases.of(lineage, name);
  }

  /** When which alias named a version, by alias, the oldest first. */
  public List<Aliases.Period> aliases(ModelVersion version) {
    return aliases(version.name()).periods().stream()
        .filter(period -> period.version().equals(version) && passed(period.from()))
        .toList();
  }

  /** A version, if it is registered. */
  public Optional<RegisteredModel> model(ModelVersion version) {
    return models(version.name()).stream()
        .filter(model -> model.version().equals(version))
        .findFirst();
  }

  /**
   * The version that a reference names.
   *
   * @throws WeirException {@code unknown-model} if there is none, {@code no-version} if it names
   *     only the model
   */
  public RegisteredModel find(ModelReference reference) {
    ModelName name = reference.name();
    List<RegisteredModel> versions = models(name);
    if (versions.isEmpty()) {
      throw unknown(name);
    }
    Integer number = reference.number();
    String alias = reference.alias();
    if (alias != null) {
      number = aliases(name).require(name, alias, at).version().number();
    }
    if (number == null) {
      throw WeirException.user(
          "no-version",
          "'%s' names no version.".formatted(reference),
          "Write %s, or another of its %d."
              .formatted(
                  versions.get(versions.size() - 1).version().reference().substring(6),
                  versions.size()));
    }
    int wanted = number;
    return versions.stream()
        .filter(model -> model.version().number() == wanted)
        .findFirst()
        .orElseThrow(
            () ->
                WeirException.user(
                    "unknown-model",
                    "There is no version %d of %s.".formatted(wanted, name),
                    "The latest is %d."
                        .formatted(versions.get(versions.size() - 1).version().number())));
  }

  /** An error for a name that no registered model has. */
  public WeirException unknown(ModelName name) {
    List<String> names =
        models().stream().map(model -> model.version().name().toString()).distinct().toList();
    return WeirException.user(
        "unknown-model",
        "There is no registered model %s in the home".formatted(name)
            + Nearest.ending(name.toString(), names),
        names.isEmpty()
            ? "None is registered yet."
            : "There are %s.".formatted(String.join(", ", names)));
  }

  /** When something was last said or done of a model. */
  Instant lastDeed(RegisteredModel model) {
    List<Instant> moments = new ArrayList<>(List.of(model.registeredAt()));
    aliases(model.version().name()).lastMove().ifPresent(moments::add);
    reviews(model.version()).forEach(review -> moments.add(review.at()));
    return moments.stream().max(Comparator.naturalOrder()).orElseThrow();
  }

  // --- What a model came from

  /** What the model's evaluation measured, by name; empty where it has none. */
  public SortedMap<String, Double> metrics(RegisteredModel model) {
    SortedMap<String, Double> metrics = new TreeMap<>();
    String evaluation = model.evaluation();
    if (evaluation == null) {
      return metrics;
    }
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(evaluation);
    Row made = null;
    for (Row row :
        lineage.rows(
            LineageTable.DATASETS,
            List.of(
                Filter.equal("name", version.name().toString()),
                Filter.equal("version", version.version())))) {
      Instant when = Objects.requireNonNull(row.instant("at"));
      // Of a table that was made again, the version that was there when the model was registered.
      if (row.get("reused_run") == null
          && !when.isAfter(model.registeredAt())
          && (made == null || when.isAfter(Objects.requireNonNull(made.instant("at"))))) {
        made = row;
      }
    }
    if (made != null) {
      for (Row row :
          lineage.rows(
              LineageTable.METRICS,
              List.of(
                  Filter.equal("run", made.string("run")),
                  Filter.equal("stage", made.string("stage")),
                  Filter.equal("attempt", made.integer("attempt"))))) {
        // One without a subject is of the stage itself, such as how many tasks it had to repeat.
        if (row.get("subject") != null) {
          metrics.put(row.string("name"), (Double) Objects.requireNonNull(row.get("value")));
        }
      }
    }
    return metrics;
  }

  private record Node(String reference, @Nullable String detail) {}

  /**
   * The dataset versions that the model's training read and all that these were made from, the
   * nearest first.
   */
  public List<TrainingData> trainingData(RegisteredModel model) {
    Map<Node, TrainingData> found = new LinkedHashMap<>();
    Set<Node> seen = new HashSet<>();
    ArrayDeque<Node> open = new ArrayDeque<>();
    open.add(new Node(model.candidate(), null));
    while (!open.isEmpty()) {
      Node node = open.remove();
      for (Row edge :
          lineage.rows(
              LineageTable.EDGES, List.of(Filter.equal("to_reference", node.reference())))) {
        String from = edge.text("from_reference");
        String to = edge.text("to_detail");
        // A table that was dropped and made again has the same versions once more.
        boolean another = node.detail() != null && to != null && !Objects.equals(node.detail(), to);
        if (from == null || from.startsWith("file:") || another) {
          continue;
        }
        Node next = new Node(from, edge.text("from_detail"));
        if (seen.add(next)) {
          open.add(next);
          if (from.startsWith("dataset:")) {
            found.put(next, new TrainingData(from, next.detail(), edge.string("stage")));
          }
        }
      }
    }
    return List.copyOf(found.values());
  }

  /** Where and with what the model was trained, by name. */
  public SortedMap<String, String> environment(RegisteredModel model) {
    return new TreeMap<>(lineage.environment(model.trainedIn()));
  }

  /** What a fact's words are for a state. */
  static ModelState state(Fact.Review review) {
    return ModelState.valueOf(review.name());
  }
}
