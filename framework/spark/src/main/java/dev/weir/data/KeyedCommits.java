package dev.weir.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** The commits of a Delta table's log that carry an application's transaction id. */
final class KeyedCommits {
  private static final Pattern COMMIT = Pattern.compile("(\\d{20})\\.json");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FileSystem files;
  private final Path log;

  KeyedCommits(FileSystem files, Path table) {
    this.files = files;
    this.log = new Path(table, "_delta_log");
  }

  /**
   * A commit.
   *
   * @param version the table's version that it made
   * @param key the version of the application's transaction id in it
   * @param metadata its user metadata
   * @param rows how many rows it says it wrote
   */
  record Commit(long version, long key, @Nullable String metadata, @Nullable Long rows) {}

  /** The first commit after a version whose key is exactly this. */
  Optional<Commit> after(long version, WriteKey key) throws IOException {
    for (long next = version + 1; ; next++) {
      Optional<Commit> commit;
      try {
        commit = read(next, key.application());
      } catch (FileNotFoundException e) {
        return Optional.empty();
      }
      if (commit.isPresent() && commit.get().key() == key.version()) {
        return commit;
      }
    }
  }

  /** The newest commit that carries the application's id at one of these versions. */
  Optional<Commit> find(String application, Set<Long> versions) throws IOException {
    long[] all = versions().sorted().toArray();
    for (int i = all.length - 1; i >= 0; i--) {
      try {
        Optional<Commit> commit = read(all[i], application);
        if (commit.isPresent() && versions.contains(commit.get().key())) {
          return commit;
        }
      } catch (FileNotFoundException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** The newest commit that carries the application's id, looked for from the newest one back. */
  Optional<Commit> newest(String application) throws IOException {
    long[] versions = versions().sorted().toArray();
    for (int i = versions.length - 1; i >= 0; i--) {
      try {
        Optional<Commit> commit = read(versions[i], application);
        if (commit.isPresent()) {
          return commit;
        }
      } catch (FileNotFoundException e) {
        // Cleaned up since it was listed, and so is everything older.
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private LongStream versions() throws IOException {
    FileStatus[] found;
    try {
      found = files.listStatus(log);
    } catch (FileNotFoundException e) {
      return LongStream.empty();
    }
    return Stream.of(found)
        .map(f -> COMMIT.matcher(f.getPath().getName()))
        .filter(Matcher::matches)
        .mapToLong(m -> Long.parseLong(m.group(1)));
  }

  private Optional<Commit> read(long version, String application) throws IOException {
    Path path = new Path(log, "%020d.json".formatted(version));
    Long key = null;
    String metadata = null;
    Long rows = null;
    try (var reader =
        new BufferedReader(new InputStreamReader(files.open(path), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        // A commit may have thousands of lines of files, which are not worth parsing.
        if (line.startsWith("{\"txn\"")) {
          JsonNode txn = JSON.readTree(line).path("txn");
          if (txn.path("appId").asText().equals(application)) {
            key = txn.path("version").asLong();
          }
        } else if (line.startsWith("{\"commitInfo\"")) {
          JsonNode info = JSON.readTree(line).path("commitInfo");
          metadata =
              info.path("userMetadata").isTextual() ? info.path("userMetadata").asText() : null;
          JsonNode written = info.path("operationMetrics").path("numOutputRows");
          rows = written.isMissingNode() ? null : Long.valueOf(written.asText());
        }
      }
    }
    return key == null ? Optional.empty() : Optional.of(new Commit(version, key, metadata, rows));
  }
}
