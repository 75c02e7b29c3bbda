package dev.weir.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.Sha256;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * An external Delta table pinned to one version. What identifies the version outside of any home is
 * the file of its commit, so that file is what is recorded.
 *
 * @param path the table's folder
 * @param version the version to read
 */
record DeltaSource(Path path, long version) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern LOGGED = Pattern.compile("(\\d{20})\\.(json|checkpoint\\..*)");

  /** The table at the version whose commit a run pinned. */
  static DeltaSource pinned(Manifest manifest) {
    Path commit = new Path(manifest.files().get(0).path());
    return new DeltaSource(commit.getParent().getParent(), version(commit).orElseThrow());
  }

  /**
   * The same, with what stands for the data: the newest commit that changed any. Versions after it,
   * made by OPTIMIZE, VACUUM or new properties, hold the same rows.
   */
  private Manifest withContent(Configuration hadoop, Manifest manifest) throws IOException {
    Path log = new Path(path, "_delta_log");
    for (long at = version; at >= 0; at--) {
      byte[] commit;
      try (InputStream in =
          log.getFileSystem(hadoop).open(new Path(log, "%020d.json".formatted(at)))) {
        commit = in.readAllBytes();
      } catch (FileNotFoundException e) {
        // Cleaned up: the version stands for itself.
        return manifest;
      }
      if (changesData(commit)) {
        Manifest.Entry file = manifest.files().get(0);
        return new Manifest(
            List.of(
                new Manifest.Entry(
                    file.path(),
                    file.length(),
                    file.modified(),
                    file.sha256(),
                    Sha256.of(commit))));
      }
    }
    return manifest;
  }

  private static boolean changesData(byte[] commit) throws IOException {
    boolean properties = false;
    boolean metadata = false;
    for (String line : new String(commit, StandardCharsets.UTF_8).lines().toList()) {
      JsonNode action = JSON.readTree(line);
      JsonNode file = action.has("add") ? action.get("add") : action.path("remove");
      if (!file.isMissingNode() && file.path("dataChange").asBoolean(true)) {
        return true;
      }
      metadata |= action.has("metaData");
      properties |=
          action.path("commitInfo").path("operation").asText().endsWith("SET TBLPROPERTIES");
    }
    // Another schema makes other rows of the same files.
    return metadata && !properties;
  }

  private static OptionalLong version(Path logged) {
    Matcher matcher = LOGGED.matcher(logged.getName());
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /** Pins a table to the version that the options name, or else to its newest. */
  static DeltaSource find(Configuration hadoop, Files files, FileSearch search) {
    String name = files.path().get(0);
    Path path = search.resolve(name);
    long last;
    try {
      FileSystem system = path.getFileSystem(hadoop);
      Path log = new Path(path, "_delta_log");
      last =
          system.exists(log)
              ? Stream.of(system.listStatus(log))
                  .flatMapToLong(status -> version(status.getPath()).stream())
                  .max()
                  .orElse(-1)
              : -1;
      if (last < 0) {
        search.requireThere(name);
        throw WeirException.user(
            "not-a-delta-table",
            "'%s' (%s) is not a Delta table: it has no commits in a folder _delta_log."
                .formatted(name, FileSearch.name(path)),
            "Name the table's folder, or set the format that its files have.");
      }
    } catch (IOException e) {
      throw WeirExceptions.unreadable(path, e);
    }
    String asked = files.option("versionAsOf");
    if (asked == null) {
      return new DeltaSource(path, last);
    }
    long version;
    try {
      version = Long.parseLong(asked);
    } catch (NumberFormatException e) {
      throw new WeirException(
          "unknown-version",
          ErrorKind.USER,
          "versionAsOf is a number, not '%s'.".formatted(asked),
          "",
          e);
    }
    if (version < 0 || version > last) {
      throw WeirException.user(
          "unknown-version",
          "The Delta table %s has no version %d: its newest is %d."
              .formatted(FileSearch.name(path), version, last),
          "Correct versionAsOf, or leave it out to read the newest.");
    }
    return new DeltaSource(path, version);
  }

  /** The rows of the version. */
  Dataset<Row> rows(SparkSession spark) {
    return spark.read().format("delta").option("versionAsOf", version).load(path.toString());
  }

  /** The file that made the version: its commit, or the checkpoint where that is cleaned up. */
  Manifest manifest(Configuration hadoop) {
    Path log = new Path(path, "_delta_log");
    String commit = "%020d.json".formatted(version);
    String checkpoint = "%020d.checkpoint".formatted(version);
    try {
      List<FileStatus> found = new ArrayList<>();
      for (FileStatus status : log.getFileSystem(hadoop).listStatus(log)) {
        String name = status.getPath().getName();
        if (name.equals(commit)) {
          return withContent(hadoop, Manifest.of(hadoop, List.of(status)));
        }
        if (name.startsWith(checkpoint)) {
          found.add(status);
        }
      }
      if (found.isEmpty()) {
        throw WeirException.data(
            "version-unavailable",
            "The Delta table %s no longer has version %d: its log was cleaned up past it."
                .formatted(FileSearch.name(path), version),
            "Name a newer version as versionAsOf, or leave it out to read the newest.");
      }
      return Manifest.of(hadoop, found);
    } catch (IOException e) {
      throw WeirExceptions.unreadable(log, e);
    }
  }
}
