package dev.weir.vacuum;

import dev.weir.artifact.DatasetName;
import dev.weir.data.ContentDigest;
import dev.weir.data.DatasetReader;
import dev.weir.data.DatasetWriter;
import dev.weir.data.Layout;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A home with real Delta tables, of which a test says what was published and made from what. */
final class PublishedHome implements AutoCloseable {
  private final Path folder;
  private final SparkSession spark;
  private final Home home;
  private final Events events;
  private int run;
  private int models;

  PublishedHome(Path folder, SparkSession spark) {
    this.folder = folder;
    this.spark = spark;
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  Home home() {
    return home;
  }

  Events events() {
    return events;
  }

  private static String relative(String name) {
    DatasetName dataset = DatasetName.parse(name);
    return "datasets/" + dataset.namespace() + "/" + dataset.name();
  }

  DeltaTable table(String name) {
    return home.table(relative(name));
  }

  String path(String name) {
    return Layout.of(home).dataset(DatasetName.parse(name));
  }

  /** Replaces a dataset's rows, as a stage does, but with properties and partitions. */
  void write(String name, Dataset<Row> rows, Map<String, String> properties, String... partitions) {
    rows.write()
        .format("delta")
        .mode("overwrite")
        .options(DatasetWriter.TABLE_PROPERTIES)
        .options(properties)
        .partitionBy(partitions)
        .save(path(name));
  }

  /** Does something to a dataset in SQL, which names it {@code T}. */
  Dataset<Row> sql(String name, String statement) {
    return spark.sql(statement.replace("T", "delta.`%s`".formatted(path(name))));
  }

  Fact.DatasetWritten written(String name, long version) {
    return new Fact.DatasetWritten(
        "into",
        "dataset:%s@%d".formatted(name, version),
        table(name).latest().tableId(),
        path(name),
        1,
        "d" + version,
        "{}");
  }

  /** Says that a run published these versions of a dataset. */
  void publish(String name, long... versions) {
    for (long version : versions) {
      String id = "run" + ++run;
      ended(id, List.of(stage(id, List.of(), List.of(written(name, version)), List.of())));
    }
  }

  /** Registers a model that was trained on a version of a dataset; returns its reference. */
  String train(String name, long version) {
    String id = "run" + ++run;
    String model = "model:t.model@" + ++models;
    String candidate = "candidate:t.model@" + id;
    Fact.DatasetWritten from = written(name, version);
    ended(
        id,
        List.of(
            stage(
                id,
                List.of(new Fact.Read("from", from.reference(), from.tableId())),
                List.of(),
                List.of(
                    new Fact.ModelWritten(
                        "into", candidate, "Model", "m" + id, "c", 1, 1, 1, "{}"))),
            new Fact.ModelRegistered(
                Instant.now(), "p", id, "register", 1, model, candidate, null, "m" + id)));
    return model;
  }

  private void ended(String id, List<Fact> facts) {
    try (Lease lease = Lease.take(events, new LeaseRequest("p", id))) {
      List<Fact> all = new ArrayList<>();
      all.add(started("p", id, lease.token(), Fact.Snapshot.NONE));
      all.addAll(facts);
      lease.log().commit(all);
      lease.release(
          List.of(
              new Fact.RunFinished(
                  Instant.now(), Instant.now(), "p", id, RunState.SUCCEEDED, null)));
    }
  }

  /**
   * The beginning of a run.
   *
   * @param outputs what it makes: {@code dataset:…}
   */
  static Fact.RunStarted started(
      String pipeline, String id, long token, Fact.Snapshot snapshot, String... outputs) {
    return new Fact.RunStarted(
        Instant.now(),
        pipeline,
        id,
        token,
        "{}",
        Map.of(),
        Map.of(),
        List.of("all"),
        Map.of("all", List.of(outputs)),
        snapshot,
        Map.of(),
        Fact.Choice.ALL);
  }

  private static Fact.StageFinished stage(
      String id,
      List<Fact.Read> reads,
      List<Fact.DatasetWritten> datasets,
      List<Fact.ModelWritten> models) {
    return new Fact.StageFinished(
        Instant.now(),
        Instant.now(),
        "p",
        id,
        "all",
        1,
        "Stage",
        StageState.SUCCEEDED,
        reads,
        datasets,
        models,
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        null);
  }

  /** The content of a version, as Weir reads it. */
  ContentDigest.Content content(String name, long version) {
    return ContentDigest.compute(
        new DatasetReader(spark).read(path(name), version, table(name).latest().tableId()));
  }

  /** Whether all files of a version are there. */
  boolean whole(String name, long version) {
    return table(name).at(version).missingFile(List.of()).isEmpty();
  }

  /** The files of a dataset beside its log, by their names relative to its folder. */
  Set<String> files(String name) throws IOException {
    Path root = folder.resolve(relative(name));
    try (Stream<Path> walk = Files.walk(root)) {
      Set<String> files = new TreeSet<>();
      walk.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(file -> !file.startsWith("_delta_log") && !file.endsWith(".crc"))
          .forEach(files::add);
      return files;
    }
  }

  /** Sets back when the files of a dataset were written, its log's left as they are. */
  void age(String name, int days) throws IOException {
    FileTime then = FileTime.from(Instant.now().minus(Duration.ofDays(days)));
    for (String file : files(name)) {
      Files.setLastModifiedTime(folder.resolve(relative(name)).resolve(file), then);
    }
  }

  @Override
  public void close() {
    home.close();
  }
}
