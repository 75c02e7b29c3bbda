package dev.weir.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * A table's commits as its log holds them, also of tables that Spark writes. Commits older than the
 * table's {@code delta.logRetentionDuration} may be gone.
 */
public final class CommitLog {
  private final Store store;
  private final String folder;

  CommitLog(Store store, String table) {
    this.store = store;
    this.folder = table + "/_delta_log";
  }

  /** The log of a table that Spark writes, to look at with its configuration. */
  public static CommitLog of(URI table, Configuration hadoop) {
    return new CommitLog(Store.toRead(table, hadoop), Store.kernelPath(table));
  }

  /** The version of the commit that carries a transaction id, newest first. */
  public static OptionalLong find(DeltaTable table, String appId, long version) {
    return table.log().find(new TransactionId(appId, version));
  }

  /** The version of the commit that carries a transaction id, newest first. */
  public OptionalLong find(TransactionId id) {
    return findLast(entry -> entry.transactions().contains(id), -1);
  }

  /** The version of the newest commit whose user metadata is this text. */
  public OptionalLong findUserMetadata(String userMetadata) {
    return findLast(entry -> userMetadata.equals(entry.userMetadata()), -1);
  }

  /** The version of the newest commit after version {@code after} that meets a condition. */
  public OptionalLong findLast(Predicate<CommitEntry> condition, long after) {
    return last(condition, after).stream().mapToLong(CommitEntry::version).findFirst();
  }

  /** The newest commit after version {@code after} that meets a condition. */
  public Optional<CommitEntry> last(Predicate<CommitEntry> condition, long after) {
    List<Long> versions = versions(after + 1);
    for (int i = versions.size() - 1; i >= 0; i--) {
      Optional<CommitEntry> entry = entry(versions.get(i));
      if (entry.isEmpty()) {
        // Cleaned up since it was listed, and so is everything older.
        return Optional.empty();
      }
      if (condition.test(entry.get())) {
        return entry;
      }
    }
    return Optional.empty();
  }

  /** The first commit after version {@code after} that meets a condition. */
  public Optional<CommitEntry> first(Predicate<CommitEntry> condition, long after) {
    for (long next = after + 1; ; next++) {
      Optional<CommitEntry> entry = entry(next);
      if (entry.isEmpty() || condition.test(entry.get())) {
        return entry;
      }
    }
  }

  /**
   * The commits after version {@code after}, up to and with {@code upTo}, in order.
   *
   * @throws WeirException {@code log-expired} if one of them is no longer in the log
   */
  public List<CommitEntry> commits(long after, long upTo) {
    List<CommitEntry> commits = new ArrayList<>();
    for (long version = after + 1; version <= upTo; version++) {
      long missing = version;
      commits.add(entry(version).orElseThrow(() -> expired(missing, folder, null)));
    }
    return commits;
  }

  static WeirException expired(long version, String folder, @Nullable Throwable cause) {
    return new WeirException(
        "log-expired",
        ErrorKind.DATA,
        "Commit %d is no longer in %s.".formatted(version, folder),
        "Commits are kept for the table's delta.logRetentionDuration.",
        cause);
  }

  /**
   * The names of the files that commits which are still in the log took out of the table, each with
   * when that was last, in milliseconds since 1970.
   */
  Map<String, Long> removals() {
    Map<String, Long> removals = new HashMap<>();
    for (long version : versions(0)) {
      String file = file(version);
      try (SeekableInputStream in = store.files().newInputFile(file, 0).newStream();
          BufferedReader reader =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        int lines = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          lines++;
          if (!line.startsWith("{\"remove\"")) {
            continue;
          }
          JsonNode remove = WholeCommit.action(file, line, lines).get("remove");
          removals.merge(
              DataFile.name(URI.create(remove.path("path").asText()).getPath()),
              remove.path("deletionTimestamp").asLong(Long.MAX_VALUE),
              Math::max);
        }
      } catch (FileNotFoundException e) {
        // Cleaned up since it was listed.
      } catch (IOException e) {
        throw StoreErrors.failed("read " + file, e);
      }
    }
    return removals;
  }

  /**
   * Whether a version is the newest, by the names of the commits; of the table no more is read than
   * that commit.
   *
   * @throws WeirException {@code torn-commit} if it is, and is not whole
   */
  public boolean isNewest(long version) {
    if (!versions(version).equals(List.of(version))) {
      return false;
    }
    new LogDamage(this).requireCommit(version);
    return true;
  }

  /** Whether the commit after a version is not there; costs a look at one file's name. */
  boolean endsWith(long version) {
    String next = file(version + 1);
    try {
      store.files().getFileStatus(next);
      return false;
    } catch (FileNotFoundException e) {
      return true;
    } catch (IOException e) {
      throw StoreErrors.failed("look at " + next, e);
    }
  }

  /** The versions from {@code first} on whose commit files are there. */
  private List<Long> versions(long first) {
    return list(first).stream()
        .map(FileStatus::getPath)
        .filter(WholeCommit::isCommit)
        .map(CommitLog::version)
        .toList();
  }

  /** The files of the log from a version on, by name. */
  List<FileStatus> list(long first) {
    List<FileStatus> found = new ArrayList<>();
    try (CloseableIterator<FileStatus> files = store.files().listFrom(file(Math.max(0, first)))) {
      files.forEachRemaining(found::add);
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw StoreErrors.failed("list " + folder, e);
    }
    return found;
  }

  /** The version in the name of a commit, a checkpoint or a checksum. */
  static long version(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return Long.parseLong(name.substring(0, 20));
  }

  Store store() {
    return store;
  }

  /** The folder that holds the log. */
  String folder() {
    return folder;
  }

  String file(long version) {
    return folder + "/" + "%020d.json".formatted(version);
  }

  /** The commit that made a version, if its file is there. */
  public Optional<CommitEntry> entry(long version) {
    String file = file(version);
    List<TransactionId> transactions = new ArrayList<>();
    List<CommitEntry.AddedFile> files = new ArrayList<>();
    JsonNode info = null;
    boolean dataChange = false;
    int lines = 0;
    try {
      FileStatus status = store.files().getFileStatus(file);
      try (SeekableInputStream in = store.files().newInputFile(file, status.getSize()).newStream();
          BufferedReader reader =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (line.isBlank()) {
            continue;
          }
          lines++;
          JsonNode action = WholeCommit.action(file, line, lines);
          if (action.has("add")) {
            JsonNode add = action.get("add");
            boolean change = add.path("dataChange").asBoolean(true);
            dataChange |= change;
            files.add(
                new CommitEntry.AddedFile(
                    add.path("path").asText(), add.path("size").asLong(), change));
          } else if (action.has("remove")) {
            dataChange |= action.get("remove").path("dataChange").asBoolean(true);
          } else if (action.has("txn")) {
            JsonNode txn = action.get("txn");
            transactions.add(
                new TransactionId(txn.path("appId").asText(), txn.path("version").asLong()));
          } else if (action.has("commitInfo")) {
            info = action.get("commitInfo");
          }
        }
      }
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException | UncheckedIOException e) {
      throw StoreErrors.failed("read " + file, e);
    }
    return Optional.of(
        new CommitEntry(
            version,
            transactions,
            text(info, "operation"),
            text(info, "userMetadata"),
            text(info, "engineInfo"),
            dataChange,
            outputRows(info),
            files));
  }

  /**
   * The files that tell what one commit changed: what it added and removed, the deletion vectors of
   * these, and its files of the change feed.
   *
   * @throws WeirException {@code log-expired} if the commit is no longer in the log
   */
  public List<TableFile> changedFiles(long version) {
    String file = file(version);
    List<TableFile> files = new ArrayList<>();
    try {
      FileStatus status = store.files().getFileStatus(file);
      try (SeekableInputStream in = store.files().newInputFile(file, status.getSize()).newStream();
          BufferedReader reader =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        int lines = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (line.isBlank()) {
            continue;
          }
          JsonNode action = WholeCommit.action(file, line, ++lines);
          for (String kind : List.of("add", "remove", "cdc")) {
            if (action.has(kind)) {
              addFiles(action.get(kind), files);
            }
          }
        }
      }
    } catch (FileNotFoundException e) {
      throw expired(version);
    } catch (IOException | UncheckedIOException e) {
      throw StoreErrors.failed("read " + file, e);
    }
    return files;
  }

  private void addFiles(JsonNode action, List<TableFile> files) {
    String table = folder.substring(0, folder.lastIndexOf('/'));
    files.add(
        new TableFile(absolute(table, action.path("path").asText()), action.path("size").asLong()));
    JsonNode vector = action.path("deletionVector");
    if (vector.isObject()) {
      DeletionVectorDescriptor deleted =
          new DeletionVectorDescriptor(
              vector.path("storageType").asText(),
              vector.path("pathOrInlineDv").asText(),
              vector.hasNonNull("offset")
                  ? Optional.of(vector.get("offset").asInt())
                  : Optional.empty(),
              vector.path("sizeInBytes").asInt(),
              vector.path("cardinality").asLong());
      if (deleted.isOnDisk()) {
        files.add(new TableFile(deleted.getAbsolutePath(table), 0));
      }
    }
  }

  /** Where a file is that the log names, as Kernel takes it. */
  static String absolute(String table, String path) {
    URI uri = URI.create(path);
    return uri.isAbsolute() ? Store.kernelPath(uri) : table + "/" + uri.getPath();
  }

  private WeirException expired(long version) {
    return new WeirException(
        "log-expired",
        ErrorKind.DATA,
        "Commit %d is no longer in %s.".formatted(version, folder),
        "Commits are kept for the table's delta.logRetentionDuration.");
  }

  private static @Nullable Long outputRows(@Nullable JsonNode info) {
    // A text of digits by Delta's own writers; other engines may put anything there.
    String rows = info == null ? "" : info.at("/operationMetrics/numOutputRows").asText();
    return rows.matches("\\d{1,18}") ? Long.valueOf(rows) : null;
  }

  private static @Nullable String text(@Nullable JsonNode node, String field) {
    return node == null || !node.hasNonNull(field) ? null : node.get(field).asText();
  }

  /**
   * Looks at the part of the log that another engine has read a version from, before its answer is
   * believed.
   *
   * @param checkpoint the version of the checkpoint that it began with, or -1 for none
   * @throws WeirException {@code torn-commit}, {@code missing-commit} or {@code torn-checkpoint}
   *     where something of it is missing
   */
  public void verify(long checkpoint, long version) {
    LogDamage damage = new LogDamage(this);
    for (long next = checkpoint + 1; next <= version; next++) {
      damage.requireCommit(next);
    }
    if (checkpoint >= 0) {
      damage.requireEnd(checkpoint);
    }
  }

  /**
   * Refuses a log that has lost its newest commits, where that can be seen: a writer would take
   * their numbers again.
   *
   * @param newest the newest version that is known
   * @throws WeirException {@code missing-commit}
   */
  public void requireNewest(long newest) {
    new LogDamage(this).requireNewest(newest);
  }

  /**
   * Looks for what is damaged in the part of the log that leads to a version, after something
   * failed because of it; returns if nothing is found.
   *
   * @param version the version, or {@code Long.MAX_VALUE} for the latest
   * @throws WeirException of kind data that names the file
   */
  public void diagnose(long version) {
    new LogDamage(this).diagnose(version);
  }
}
