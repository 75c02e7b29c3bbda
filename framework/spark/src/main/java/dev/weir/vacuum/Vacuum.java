package dev.weir.vacuum;

import dev.weir.artifact.DatasetName;
import dev.weir.config.Durations;
import dev.weir.config.Retention;
import dev.weir.data.Layout;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.pin.Pin;
import dev.weir.pin.Pins;
import dev.weir.pin.PublishedVersion;
import dev.weir.store.ConflictException;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import dev.weir.store.TableFile;
import dev.weir.store.TableSnapshot;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Console;
import scala.Option;

/**
 * Deletes the files of datasets that nothing needs any more: by Delta's own VACUUM, given a list of
 * all files less those that a pinned version is read from.
 *
 * <p>What goes is decided in one commit of the events, which is made only on top of the events that
 * the pins were found in. A run that had begun by then is among the pins; one that begins later
 * sees the commit, and neither reads nor uses again what it gives up. The files go after that, so
 * that a process that dies in between leaves versions given up that can still be read, and never
 * the other way round; the next vacuum deletes the rest.
 */
public final class Vacuum {
  private static final Logger LOG = LoggerFactory.getLogger(Vacuum.class);

  /** Delta's form of an inventory; nullable, or it is refused. */
  private static final StructType INVENTORY =
      new StructType()
          .add("path", DataTypes.StringType)
          .add("length", DataTypes.LongType)
          .add("isDir", DataTypes.BooleanType)
          .add("modificationTime", DataTypes.LongType);

  private static final String VIEW = "weir_inventory";
  private static final String CHANGE_FEED = "delta.enableChangeDataFeed";

  /** How often others may come between the look at the events and the commit to them. */
  private static final int TRIES = 50;

  private final SparkSession spark;
  private final Home home;
  private final Events events;
  private final Retention retention;

  /** The files that versions need, by table and version: they never change. */
  private final Map<String, Set<String>> needed = new HashMap<>();

  /**
   * @param spark whose settings are left as they are
   * @param retention how long what models and runs came from stays
   */
  public Vacuum(SparkSession spark, Home home, Events events, Retention retention) {
    this.spark = spark;
    this.home = home;
    this.events = events;
    this.retention = retention;
  }

  /**
   * What a vacuum came to.
   *
   * @param gone the versions that can't be read any more
   * @param files how many files it deleted, with those of an earlier one that had not come to its
   *     end
   * @param bytes their size
   * @param kept the files that it was to delete and that are still there
   */
  public record Outcome(
      DatasetName dataset, List<Long> gone, long files, long bytes, List<String> kept) {
    public Outcome {
      gone = List.copyOf(gone);
      kept = List.copyOf(kept);
    }
  }

  /** What is pinned now. */
  public Pins pins() {
    return Pins.of(LineageReader.open(events), retention, Instant.now());
  }

  /** What a vacuum of these datasets would delete; changes nothing. */
  public List<VacuumPlan> plan(Collection<DatasetName> datasets) {
    Pins pins = pins();
    return datasets.stream().map(name -> plan(name, pins, null)).toList();
  }

  /**
   * @param only the names of the files that may go, or null for any
   */
  private VacuumPlan plan(DatasetName name, Pins pins, @Nullable Set<String> only) {
    DeltaTable table = home.table(Layout.of(home).relative(name));
    try {
      return plan(name, table, pins, only);
    } catch (WeirException e) {
      if (e.kind() != ErrorKind.DATA) {
        throw e;
      }
      // What is needed is not known, then.
      return VacuumPlan.leaving(
          name, table.path(), "which files it needs is not known. " + e.text());
    }
  }

  private VacuumPlan plan(
      DatasetName name, DeltaTable table, Pins pins, @Nullable Set<String> only) {
    List<PublishedVersion> published = pins.versions(name);
    // What is deleted is gone: the log is looked at as it is now, whatever was seen of it before.
    Optional<TableSnapshot> found = table.find().map(there -> table.listed());
    if (found.isEmpty() || published.isEmpty()) {
      return VacuumPlan.leaving(name, table.path(), "its table is gone.");
    }
    TableSnapshot latest = found.get();
    String tableId = latest.tableId();
    if (!published.get(published.size() - 1).tableId().equals(tableId)) {
      return VacuumPlan.leaving(
          name, table.path(), "another table stands in its place, which no run has published.");
    }
    List<Pin> mine = pins.of(name).stream().filter(pin -> pin.tableId().equals(tableId)).toList();
    Optional<String> expiring = expiring(table, pins, mine);
    if (expiring.isPresent()) {
      return VacuumPlan.leaving(name, table.path(), expiring.get());
    }
    TableFolder folder = folder(table);
    Map<String, VacuumPlan.OldFile> files = folder.list();
    Set<String> kept = new HashSet<>(needed(folder, latest));
    Set<Long> pinned = new TreeSet<>();
    for (Pin pin : mine) {
      if (!pinned.add(pin.dataset().version())) {
        continue;
      }
      kept.addAll(pinned(table, folder, pin.dataset().version(), tableId));
    }
    long before = pins.untouchedSince(name).toEpochMilli();
    Map<String, VacuumPlan.OldFile> old = new TreeMap<>(files);
    old.keySet().removeAll(kept);
    old.values().removeIf(file -> file.modified() >= before);
    if (only != null) {
      old.keySet().retainAll(only);
    }
    List<Long> going = new ArrayList<>();
    List<Long> staying = new ArrayList<>();
    for (PublishedVersion version : published) {
      long number = version.dataset().version();
      if (!version.tableId().equals(tableId) || pins.deletions().of(tableId, number).isPresent()) {
        continue;
      }
      Optional<Set<String>> of = readable(table, folder, number, tableId);
      if (of.isPresent() && of.get().stream().anyMatch(old::containsKey)) {
        going.add(number);
      } else if (pinned.contains(number)
          || (of.isPresent() && files.keySet().containsAll(of.get()))) {
        staying.add(number);
      }
    }
    going.sort(Comparator.naturalOrder());
    staying.sort(Comparator.naturalOrder());
    return new VacuumPlan(
        name,
        table.path(),
        tableId,
        going,
        staying,
        List.copyOf(old.values()),
        mine.stream().map(Pin::holder).distinct().sorted().toList(),
        pins.deletions().unfinished(tableId),
        null);
  }

  private TableFolder folder(DeltaTable table) {
    return new TableFolder(table.path(), spark.sessionState().newHadoopConf());
  }

  /**
   * Why a commit to the table, such as VACUUM's own, might cost a pinned version its commits: with
   * a checkpoint Delta deletes those of the log that are older than the table says.
   */
  private Optional<String> expiring(DeltaTable table, Pins pins, List<Pin> mine) {
    Set<Long> versions = new HashSet<>();
    mine.forEach(pin -> versions.add(pin.dataset().version()));
    Instant oldest =
        mine.stream()
            .flatMap(pin -> pins.versions(pin.dataset().name()).stream())
            .filter(version -> versions.contains(version.dataset().version()))
            .map(PublishedVersion::at)
            .min(Comparator.naturalOrder())
            .orElse(Instant.now());
    DeltaLog log = DeltaLog.forTable(spark, table.path());
    Duration kept =
        Duration.ofMillis(
            log.deltaRetentionMillis(log.update(false, Option.empty(), Option.empty()).metadata()));
    // Delta deletes whole days.
    return Duration.between(oldest, Instant.now()).plusDays(1).compareTo(kept) < 0
        ? Optional.empty()
        : Optional.of(
            "its log keeps commits for %s (delta.logRetentionDuration), and a pinned version is older. Set it to 'interval 3650 days' with alter table."
                .formatted(Durations.text(kept)));
  }

  // --- What versions need

  private Set<String> needed(TableFolder folder, TableSnapshot at) {
    return needed.computeIfAbsent(
        at.tableId() + "@" + at.version(), key -> names(folder, at.neededFiles()));
  }

  /** What it takes to read a pinned version, and what it changed if the table has a change feed. */
  private Set<String> pinned(DeltaTable table, TableFolder folder, long version, String tableId) {
    String key = tableId + "@" + version + " pinned";
    Set<String> known = needed.get(key);
    if (known != null) {
      return known;
    }
    TableSnapshot at = table.at(version);
    Set<String> names = new HashSet<>(needed(folder, at));
    if (Boolean.parseBoolean(at.properties().get(CHANGE_FEED))) {
      names.addAll(names(folder, table.log().changedFiles(version)));
    }
    needed.put(key, names);
    return names;
  }

  /** The files of a version, or empty if its log does not lead to it any more. */
  private Optional<Set<String>> readable(
      DeltaTable table, TableFolder folder, long version, String tableId) {
    Set<String> known = needed.get(tableId + "@" + version);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      return Optional.of(needed(folder, table.at(version)));
    } catch (WeirException e) {
      LOG.info("Version {} of {} can't be read anyway", version, table, e);
      return Optional.empty();
    }
  }

  private static Set<String> names(TableFolder folder, List<TableFile> files) {
    Set<String> names = new HashSet<>();
    files.forEach(file -> folder.name(file).ifPresent(names::add));
    return names;
  }

  // --- The deletion

  /**
   * Deletes what was planned, less what has become needed since.
   *
   * @param seen what was shown to who asks for it: nothing else goes
   * @throws WeirException {@code events-busy} if others said so much meanwhile that nothing could
   *     be decided: nothing was deleted
   */
  public Outcome delete(VacuumPlan seen, Actor by, String reason) {
    Set<String> shown = new HashSet<>();
    seen.files().forEach(file -> shown.add(file.name()));
    VacuumPlan decided = decide(seen.dataset(), shown, by, reason);
    DeltaTable table = home.table(Layout.of(home).relative(seen.dataset()));
    TableFolder folder = folder(table);
    if (!decided.hasWork()) {
      return new Outcome(seen.dataset(), List.of(), 0, 0, List.of());
    }
    List<TableFile> lost = lost(table, folder, decided);
    if (!decided.files().isEmpty()) {
      vacuum(folder, decided);
    }
    Set<String> still = folder.list().keySet();
    long files = lost.size();
    long bytes = lost.stream().mapToLong(TableFile::bytes).sum();
    List<String> kept = new ArrayList<>();
    for (VacuumPlan.OldFile file : decided.files()) {
      if (still.contains(file.name())) {
        kept.add(file.name());
      } else {
        files++;
        bytes += file.bytes();
      }
    }
    if (files > 0) {
      events.append(List.of(fact(decided, List.of(), files, bytes, by, reason)));
    }
    return new Outcome(decided.dataset(), decided.going(), files, bytes, kept);
  }

  /** Says what goes, on top of the events in which nothing needs it. */
  private VacuumPlan decide(DatasetName name, Set<String> shown, Actor by, String reason) {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      LineageReader lineage = LineageReader.open(events);
      VacuumPlan plan = plan(name, Pins.of(lineage, retention, Instant.now()), shown);
      if (plan.files().isEmpty()) {
        return plan;
      }
      try {
        lineage.append(List.of(fact(plan, plan.going(), 0, 0, by, reason)));
        return plan;
      } catch (ConflictException e) {
        LOG.debug("Something was said meanwhile; looking again", e);
      }
    }
    throw new WeirException(
        "events-busy",
        ErrorKind.TRANSIENT,
        "So much happens in the home that what of %s may go could not be decided.".formatted(name),
        "Nothing of it was deleted. Try again when fewer runs are under way.");
  }

  private static Fact.FilesDeleted fact(
      VacuumPlan plan, List<Long> gone, long files, long bytes, Actor by, String reason) {
    return new Fact.FilesDeleted(
        Instant.now(),
        by,
        plan.dataset().toString(),
        plan.path(),
        plan.tableId(),
        gone,
        files,
        bytes,
        reason);
  }

  /** The files that a vacuum deleted which ended before it could say so. */
  private List<TableFile> lost(DeltaTable table, TableFolder folder, VacuumPlan plan) {
    Set<String> there = folder.list().keySet();
    Map<String, TableFile> lost = new TreeMap<>();
    for (long version : plan.unfinished()) {
      try {
        for (TableFile file : table.at(version).neededFiles()) {
          folder
              .name(file)
              .filter(name -> !there.contains(name))
              .ifPresent(name -> lost.put(name, file));
        }
      } catch (WeirException e) {
        LOG.warn("What version {} of {} held can't be counted any more", version, table, e);
      }
    }
    return List.copyOf(lost.values());
  }

  private void vacuum(TableFolder folder, VacuumPlan plan) {
    // A session of its own: the settings of the caller's are left alone, and its views.
    SparkSession session = spark.newSession();
    session.conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    List<Row> rows = new ArrayList<>();
    Set<String> folders = new TreeSet<>();
    for (VacuumPlan.OldFile file : plan.files()) {
      rows.add(RowFactory.create(file.path(), file.bytes(), false, file.modified()));
      folders.addAll(folder.above(file));
    }
    // Delta takes a folder that comes up once for an empty one, and would try to delete it.
    folders.forEach(path -> rows.add(RowFactory.create(path, 0L, true, 0L)));
    session.createDataFrame(rows, INVENTORY).createOrReplaceTempView(VIEW);
    // Zero hours, since what is old enough has been decided; Delta takes no other number.
    String statement =
        "VACUUM delta.`%s` USING INVENTORY (SELECT * FROM %s) RETAIN 0 HOURS"
            .formatted(folder.path().replace("`", "``"), VIEW);
    // Delta prints what it did, on whatever is the terminal.
    Console.withOut(OutputStream.nullOutputStream(), () -> session.sql(statement));
  }
}
