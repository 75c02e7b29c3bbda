package dev.weir.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.CommitEntry;
import dev.weir.store.CommitLog;
import dev.weir.store.StoreErrors;
import dev.weir.store.TransactionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.concurrent.Await;

/**
 * Writes rows as the next version of a Delta table, once per key.
 *
 * <p>The commit carries the key as Delta's transaction id, and who wrote it as user metadata. Delta
 * skips a write whose key is not newer than the table's, silently; so whatever Delta answered, the
 * commit is looked up in the table's log before anything is said of it. Row count and digest are
 * observed while the rows are written; where that failed, or an earlier write is adopted, they are
 * computed from the version that was found.
 *
 * <p>The rows are written as they are partitioned: nothing is shuffled for the sake of file sizes.
 */
public final class DatasetWriter {
  /**
   * The properties of a new table: its versions stay readable for ten years, and keys of writes are
   * forgotten after thirty days without one.
   */
  public static final Map<String, String> TABLE_PROPERTIES =
      Map.of(
          "delta.logRetentionDuration", "interval 3650 days",
          "delta.deletedFileRetentionDuration", "interval 3650 days",
          "delta.setTransactionRetentionDuration", "interval 30 days");

  private static final Logger LOG = LoggerFactory.getLogger(DatasetWriter.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Only a listener bus that drops or delays events by far makes this pass. */
  private static final Duration OBSERVATION = Duration.ofSeconds(10);

  private final SparkSession spark;

  /** A writer that commits through this session, which must be the one of the rows. */
  public DatasetWriter(SparkSession spark) {
    this.spark = Objects.requireNonNull(spark);
  }

  /**
   * Replaces the table's rows, and its schema with theirs, as one commit; makes the table if there
   * is none. May be called again with the same key after a failure of any kind.
   *
   * @param path where the table is or will be
   * @throws WeirException {@code fenced} when the table holds a newer key of the same application,
   *     {@code concurrent-write} when another writer committed meanwhile (a retry is reasonable),
   *     {@code not-a-delta-table} when something else stands at the path, {@code
   *     undigestable-column} for a type that has no digest, {@code disk-full}, {@code torn-commit},
   *     {@code missing-commit} or {@code torn-checkpoint} when the table's log is damaged: nothing
   *     was committed
   */
  public Written write(Dataset<Row> rows, String path, WriteKey key, WriteOrigin origin) {
    return write(rows, path, key, List.of(), origin);
  }

  /**
   * The same for a run that was interrupted: what it may have committed before is adopted.
   *
   * @param earlier the keys that the run's earlier processes wrote the same rows with; their writes
   *     must be fenced
   */
  public Written write(
      Dataset<Row> rows, String path, WriteKey key, List<WriteKey> earlier, WriteOrigin origin) {
    ContentDigest digest = ContentDigest.of(rows.schema());
    Path table = new Path(path);
    FileSystem files;
    try {
      files = table.getFileSystem(spark.sessionState().newHadoopConf());
    } catch (IOException e) {
      throw new UncheckedIOException("Can't open the file system of " + path, e);
    }
    CommitLog log = DatasetReader.log(spark, path);
    Optional<CommitEntry> there = committed(log, earlier, origin);
    if (there.isPresent()) {
      return result(path, there.get().version(), Optional.empty(), true);
    }
    // The version that this process last saw: perhaps not the latest, but never too new.
    long before = known(path, log);
    if (before < 0) {
      requireTableOrNothing(files, table);
    }
    String metadata = metadata(key, origin);
    Observation observation = new Observation("weir " + key);
    Exception failure = null;
    try {
      digest
          .observe(rows, observation)
          .write()
          .format("delta")
          .mode("overwrite")
          .option("overwriteSchema", "true")
          .option("txnAppId", key.application())
          .option("txnVersion", key.version())
          .option("userMetadata", metadata)
          .options(TABLE_PROPERTIES)
          .save(path);
    } catch (Exception e) {
      // Spark throws checked exceptions that it does not declare.
      failure = e;
    }
    CommitEntry commit = find(log, before, key, path, failure);
    if (number(commit, key) > key.version()) {
      throw fenced(path, key, commit, "a newer write");
    }
    if (failure != null) {
      LOG.warn("{} was committed to {} before this failed", key, path, failure);
    }
    boolean adopted = !metadata.equals(commit.userMetadata());
    if (adopted && !origin.run().equals(text(commit.userMetadata(), "run"))) {
      throw fenced(path, key, commit, "a write of another run with the same number");
    }
    Optional<ContentDigest.Content> seen =
        adopted || failure != null
            ? Optional.empty()
            : observed(observation, digest)
                .filter(c -> commit.outputRows() == null || c.rows() == commit.outputRows());
    return result(path, commit.version(), seen, adopted);
  }

  /** What an earlier process of the run committed. */
  private static Optional<CommitEntry> committed(
      CommitLog log, List<WriteKey> earlier, WriteOrigin origin) {
    if (earlier.isEmpty()) {
      return Optional.empty();
    }
    Set<TransactionId> ids = earlier.stream().map(DatasetWriter::id).collect(Collectors.toSet());
    return log.last(commit -> !Collections.disjoint(commit.transactions(), ids), -1)
        .filter(commit -> origin.run().equals(text(commit.userMetadata(), "run")));
  }

  private static TransactionId id(WriteKey key) {
    return new TransactionId(key.application(), key.version());
  }

  /** The number that a commit carries for the key's application. */
  private static long number(CommitEntry commit, WriteKey key) {
    return commit.transactionVersion(key.application()).orElse(-1);
  }

  /** The version that this process last saw, of a log that is whole: no write may cover damage. */
  private long known(String path, CommitLog log) {
    Snapshot snapshot;
    try {
      snapshot = DeltaLog.forTable(spark, path).unsafeVolatileSnapshot();
    } catch (Exception e) {
      // Scala's exceptions are unchecked.
      log.diagnose(Long.MAX_VALUE);
      throw DatasetWriter.<RuntimeException>asIs(e);
    }
    if (snapshot.version() >= 0) {
      DatasetReader.verify(snapshot, log);
      log.requireNewest(snapshot.version());
    }
    return snapshot.version();
  }

  private Written result(
      String path, long version, Optional<ContentDigest.Content> seen, boolean adopted) {
    DeltaLog log = DeltaLog.forTable(spark, path);
    Snapshot latest = log.unsafeVolatileSnapshot();
    if (latest.version() < version) {
      latest = log.update(false, Option.empty(), Option.empty());
    }
    String tableId = latest.metadata().id();
    if (seen.isPresent() && latest.version() == version) {
      String schema = latest.metadata().schema().json();
      return new Written(version, tableId, seen.get().rows(), seen.get().digest(), schema, adopted);
    }
    Dataset<Row> committed = new DatasetReader(spark).read(path, version, tableId);
    ContentDigest.Content content = seen.orElseGet(() -> ContentDigest.compute(committed));
    return new Written(
        version, tableId, content.rows(), content.digest(), committed.schema().json(), adopted);
  }

  /** The commit with this key or, if the table holds a newer one, the commit with that. */
  private static CommitEntry find(
      CommitLog log, long before, WriteKey key, String path, @Nullable Exception failure) {
    Optional<CommitEntry> found;
    try {
      found = log.first(commit -> number(commit, key) == key.version(), before);
      if (found.isEmpty()) {
        found =
            log.last(commit -> number(commit, key) >= 0, -1)
                .filter(commit -> number(commit, key) >= key.version());
      }
    } catch (WeirException e) {
      if (failure != null) {
        failure.addSuppressed(e);
        throw DatasetWriter.<RuntimeException>asIs(failure);
      }
      throw new WeirException(
          "commit-unknown",
          ErrorKind.TRANSIENT,
          "The table at %s was written with key %s, but its log can't be read: %s"
              .formatted(path, key, e.getMessage()),
          "Try again: a commit that is there is adopted.",
          e);
    }
    if (found.isPresent()) {
      return found.get();
    }
    if (failure instanceof java.util.ConcurrentModificationException) {
      throw new WeirException(
          "concurrent-write",
          ErrorKind.TRANSIENT,
          "Another writer committed to the table at %s while %s was writing: %s"
              .formatted(path, key, failure.getMessage()),
          "Try again; if it comes back, see which pipeline writes the same dataset.",
          failure);
    }
    if (failure != null) {
      Optional<WeirException> full = StoreErrors.diskFull("write " + path, failure);
      if (full.isPresent()) {
        throw full.get();
      }
      throw DatasetWriter.<RuntimeException>asIs(failure);
    }
    throw new WeirException(
        "commit-unknown",
        ErrorKind.INTERNAL,
        "Delta wrote the table at %s without an error, but no commit of its log has the key %s."
            .formatted(path, key),
        "See the table's history; if its log was cleaned up, remove the table and run again.");
  }

  private static Optional<ContentDigest.Content> observed(
      Observation observation, ContentDigest digest) {
    try {
      Row row =
          Await.result(
              observation.future(),
              scala.concurrent.duration.Duration.create(
                  OBSERVATION.toMillis(), TimeUnit.MILLISECONDS));
      // Empty when Spark found a way to write without running what was observed.
      return row == null || row.schema() == null
          ? Optional.empty()
          : Optional.of(digest.content(row));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WeirException(
          "cancelled",
          ErrorKind.TRANSIENT,
          "The write was cancelled after its commit.",
          "The next attempt adopts what was committed.",
          e);
    }
  }

  private static void requireTableOrNothing(FileSystem files, Path table) {
    try {
      if (files.exists(new Path(table, "_delta_log")) || !files.exists(table)) {
        return;
      }
      FileStatus[] found = files.listStatus(table);
      if (found.length > 0) {
        throw WeirException.user(
            "not-a-delta-table",
            "%s is not a Delta table: it has no _delta_log, but %s is there."
                .formatted(table, found[0].getPath().getName()),
            "Move what is there away, or choose another home.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Can't look at " + table, e);
    }
  }

  private static WeirException fenced(String path, WriteKey key, CommitEntry commit, String what) {
    String run = text(commit.userMetadata(), "run");
    return WeirException.user(
        "fenced",
        "The table at %s refuses the write %s: version %d of it is %s (number %d%s)."
            .formatted(
                path,
                key,
                commit.version(),
                what,
                number(commit, key),
                run == null ? "" : ", run " + run),
        "Another driver has taken the pipeline over; let it finish, and run again if need be.");
  }

  private static String metadata(WriteKey key, WriteOrigin origin) {
    ObjectNode node = JSON.createObjectNode();
    node.put("run", origin.run());
    node.put("stage", origin.stage());
    node.put("attempt", origin.attempt());
    node.put("key", key.toString());
    // Tells this write from another one of the same attempt.
    node.put("write", UUID.randomUUID().toString());
    return node.toString();
  }

  private static @Nullable String text(@Nullable String metadata, String field) {
    if (metadata == null) {
      return null;
    }
    try {
      JsonNode value = JSON.readTree(metadata).path(field);
      return value.isTextual() ? value.asText() : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** Throws an exception unchanged, whether or not it is checked: retries go by its class. */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> RuntimeException asIs(Exception e) throws E {
    throw (E) e;
  }
}
