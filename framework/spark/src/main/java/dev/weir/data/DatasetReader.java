package dev.weir.data;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.CommitLog;
import dev.weir.store.TableSnapshot;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.files.TahoeLogFileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** Reads Delta tables at exactly the version that was asked for. */
public final class DatasetReader {
  private final SparkSession spark;

  /** A reader whose data frames belong to this session. */
  public DatasetReader(SparkSession spark) {
    this.spark = Objects.requireNonNull(spark);
  }

  /**
   * The table's rows at a version.
   *
   * @param path where the table is
   * @param tableId the id that the table must have, or null for any
   * @throws WeirException {@code version-unavailable} when the log no longer leads to the version
   *     or Delta refuses to travel there, {@code table-replaced} when another table stands at the
   *     path, {@code not-a-delta-table} when none does, {@code torn-commit}, {@code missing-commit}
   *     or {@code torn-checkpoint} when a part of the log that leads to the version is damaged
   */
  public Dataset<Row> read(String path, long version, @Nullable String tableId) {
    Dataset<Row> rows;
    try {
      rows = spark.read().format("delta").option("versionAsOf", version).load(path);
      verify(rows, path);
    } catch (WeirException e) {
      throw e;
    } catch (Exception e) {
      throw unreadable(path, version, e);
    }
    if (tableId != null) {
      String found = DeltaLog.forTable(spark, path).unsafeVolatileSnapshot().metadata().id();
      if (!found.equals(tableId)) {
        throw WeirException.data(
            "table-replaced",
            "The table at %s was dropped and made again: version %d was pinned in table %s, but table %s stands there now."
                .formatted(path, version, tableId, found),
            "Run the stage that makes it again, or restore the old table's folder.");
      }
    }
    return rows;
  }

  /** What a table's log says of a version, whatever home it is in. */
  public TableSnapshot look(String path, long version) {
    return TableSnapshot.of(new Path(path).toUri(), spark.sessionState().newHadoopConf(), version);
  }

  /** Spark takes a commit that lost its end, or all it had, for one that does less. */
  private void verify(Dataset<Row> rows, String path) {
    Iterator<LogicalPlan> leaves =
        CollectionConverters.asJava(rows.queryExecution().analyzed().collectLeaves()).iterator();
    if (leaves.hasNext()
        && leaves.next() instanceof LogicalRelation relation
        && relation.relation() instanceof HadoopFsRelation files
        && files.location() instanceof TahoeLogFileIndex index) {
      verify(index.getSnapshot(), log(spark, path));
    }
  }

  static void verify(Snapshot snapshot, CommitLog log) {
    log.verify(snapshot.logSegment().checkpointProvider().version(), snapshot.version());
  }

  static CommitLog log(SparkSession spark, String path) {
    return CommitLog.of(new Path(path).toUri(), spark.sessionState().newHadoopConf());
  }

  private WeirException unreadable(String path, long version, Exception cause) {
    long latest;
    try {
      latest =
          DeltaLog.forTable(spark, path)
              .update(false, scala.Option.empty(), scala.Option.empty())
              .version();
    } catch (Exception e) {
      // Scala's exceptions are unchecked.
      Optional<WeirException> damage = damage(path, version);
      if (damage.isPresent()) {
        return damage.get();
      }
      return new WeirException(
          "unreadable-table",
          ErrorKind.DATA,
          "The table at %s can't be read at version %d: %s"
              .formatted(path, version, firstLine(cause)),
          "",
          cause);
    }
    if (latest < 0) {
      return new WeirException(
          "not-a-delta-table",
          ErrorKind.DATA,
          "There is no Delta table at " + path + ".",
          "Run the stage that makes it.",
          cause);
    }
    if (version <= latest) {
      Optional<WeirException> damage = damage(path, version);
      if (damage.isPresent()) {
        return damage.get();
      }
    }
    return new WeirException(
        "version-unavailable",
        ErrorKind.DATA,
        version > latest
            ? "The table at %s has no version %d: its latest is %d."
                .formatted(path, version, latest)
            : "The table at %s can no longer be read at version %d (its latest is %d): %s"
                .formatted(path, version, latest, firstLine(cause)),
        "Run the stage that makes it again, or name a version that is still there.",
        cause);
  }

  /** What is damaged in the log, if that is why a version can't be read. */
  private Optional<WeirException> damage(String path, long version) {
    try {
      log(spark, path).diagnose(version);
    } catch (WeirException e) {
      return Optional.of(e).filter(found -> !found.code().equals("log-expired"));
    }
    return Optional.empty();
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getName());
  }
}
