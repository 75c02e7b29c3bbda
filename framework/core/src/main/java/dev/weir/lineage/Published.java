package dev.weir.lineage;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the facts say is published: the versions of datasets and models that a reader may resolve. A
 * commit in a dataset's own log that no successful stage names is not among them. Looks at the home
 * as it was when it was opened.
 */
public final class Published {
  /** By time: a table that was dropped and made again counts its versions from 0. */
  private static final Comparator<Row> NEWEST =
      Comparator.<Row, Instant>comparing(row -> Objects.requireNonNull(row.instant("at")))
          .thenComparing(row -> row.number("version"));

  private final @Nullable LineageReader reader;

  /**
   * A registered model version.
   *
   * @param reference {@code model:…@number}
   * @param written the candidate that it was
   */
  public record Model(String reference, Fact.ModelWritten written) {
    /** The model's name. */
    public ModelName name() {
      return ((ModelVersion) ArtifactVersion.parse(reference)).name();
    }
  }

  private Published(@Nullable LineageReader reader) {
    this.reader = reader;
  }

  /** What is published in a home now; nothing where the home has no events yet. */
  public static Published of(Home home) {
    return new Published(Events.existing(home).map(LineageReader::open).orElse(null));
  }

  /** Nothing. */
  public static Published none() {
    return new Published(null);
  }

  /** What is published by what a reader sees. */
  public static Published of(LineageReader reader) {
    return new Published(reader);
  }

  /** A version of a dataset, or its latest when {@code version} is null. */
  public Optional<Fact.DatasetWritten> dataset(DatasetName name, @Nullable Long version) {
    List<Filter> filters = new ArrayList<>();
    filters.add(Filter.equal("name", name.toString()));
    if (version != null) {
      filters.add(Filter.equal("version", version));
    }
    return rows(LineageTable.DATASETS, filters).stream().max(NEWEST).map(Published::dataset);
  }

  /** A version of a model, or its latest when {@code number} is null. */
  public Optional<Model> model(ModelName name, @Nullable Integer number) {
    List<Filter> filters = new ArrayList<>();
    filters.add(Filter.equal("name", name.toString()));
    if (number != null) {
      filters.add(Filter.equal("number", number));
    }
    return rows(LineageTable.MODELS, filters).stream()
        .filter(row -> row.get("number") != null)
        .max(Comparator.comparingInt(row -> row.integer("number")))
        .map(Published::model);
  }

  /** What the aliases of models mean and have meant. */
  public Aliases aliases() {
    return reader == null ? Aliases.none() : Aliases.of(reader);
  }

  /** The versions of a dataset, from the lowest up. */
  public List<Long> versions(DatasetName name) {
    return rows(LineageTable.DATASETS, List.of(Filter.equal("name", name.toString()))).stream()
        .map(row -> row.number("version"))
        .distinct()
        .sorted()
        .toList();
  }

  /** The registered versions of a model, from the lowest up. */
  public List<Integer> versions(ModelName name) {
    return rows(LineageTable.MODELS, List.of(Filter.equal("name", name.toString()))).stream()
        .filter(row -> row.get("number") != null)
        .map(row -> row.integer("number"))
        .distinct()
        .sorted()
        .toList();
  }

  /** What the stages of a run made themselves, by stage: nothing that they used again. */
  public Map<String, Made> ofRun(String run) {
    List<Filter> filters = List.of(Filter.equal("run", run));
    Map<String, List<Fact.DatasetWritten>> datasets = new HashMap<>();
    for (Row row : rows(LineageTable.DATASETS, filters)) {
      if (row.get("reused_run") == null) {
        datasets.computeIfAbsent(row.string("stage"), stage -> new ArrayList<>()).add(dataset(row));
      }
    }
    Map<String, List<Fact.ModelWritten>> models = new HashMap<>();
    Map<String, List<Fact.ModelRegistered>> registered = new HashMap<>();
    for (Row row : rows(LineageTable.MODELS, filters)) {
      String stage = row.string("stage");
      if (row.get("number") == null) {
        models.computeIfAbsent(stage, s -> new ArrayList<>()).add(model(row).written());
      } else {
        registered.computeIfAbsent(stage, s -> new ArrayList<>()).add(registered(row));
      }
    }
    Map<String, Made> made = new HashMap<>();
    Stream.of(datasets.keySet(), models.keySet(), registered.keySet())
        .flatMap(Collection::stream)
        .forEach(
            stage ->
                made.put(
                    stage,
                    new Made(
                        datasets.getOrDefault(stage, List.of()),
                        models.getOrDefault(stage, List.of()),
                        registered.getOrDefault(stage, List.of()))));
    return made;
  }

  /** The latest version of every dataset, by name. */
  public Map<DatasetName, Fact.DatasetWritten> datasets() {
    Map<String, Row> latest = new TreeMap<>();
    for (Row row : rows(LineageTable.DATASETS, List.of())) {
      latest.merge(row.string("name"), row, (a, b) -> NEWEST.compare(a, b) > 0 ? a : b);
    }
    Map<DatasetName, Fact.DatasetWritten> datasets = new TreeMap<>();
    latest.forEach((name, row) -> datasets.put(DatasetName.parse(name), dataset(row)));
    return datasets;
  }

  /** The latest version of every model. */
  public Collection<Model> models() {
    Map<String, Row> latest = new TreeMap<>();
    for (Row row : rows(LineageTable.MODELS, List.of())) {
      if (row.get("number") != null) {
        latest.merge(
            row.string("name"), row, (a, b) -> a.integer("number") > b.integer("number") ? a : b);
      }
    }
    return latest.values().stream().map(Published::model).toList();
  }

  private List<Row> rows(LineageTable table, List<Filter> filters) {
    return reader == null ? List.of() : reader.rows(table, filters);
  }

  static Fact.DatasetWritten dataset(Row row) {
    return new Fact.DatasetWritten(
        row.string("port"),
        row.string("reference"),
        row.string("table_id"),
        row.string("path"),
        row.number("row_count"),
        row.string("digest"),
        row.string("schema"));
  }

  private static Fact.ModelRegistered registered(Row row) {
    return new Fact.ModelRegistered(
        Objects.requireNonNull(row.instant("at")),
        row.string("pipeline"),
        row.string("run"),
        row.string("stage"),
        row.integer("attempt"),
        row.string("reference"),
        row.string("candidate"),
        row.text("evaluation"),
        row.string("digest"));
  }

  private static Model model(Row row) {
    return new Model(
        row.string("reference"),
        new Fact.ModelWritten(
            "",
            row.string("candidate"),
            Objects.requireNonNullElse(row.text("type"), ""),
            row.string("digest"),
            // A table that an older Weir made has no such column until it is brought up to date.
            row.columns().contains("content_digest")
                ? Objects.requireNonNullElse(row.text("content_digest"), "")
                : "",
            row.integer("file_count"),
            row.number("bytes"),
            row.number("artifacts_version"),
            Objects.requireNonNullElse(row.text("signature"), "")));
  }
}
