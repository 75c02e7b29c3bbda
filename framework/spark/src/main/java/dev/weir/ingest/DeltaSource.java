package dev.weir.ingest;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
  /** Pins a table to the version that the options name, or else to its newest. */
  static DeltaSource find(
      SparkSession spark, Configuration hadoop, Files files, FileSearch search) {
    String name = files.path().get(0);
    Path path = search.resolve(name);
    try {
      FileSystem system = path.getFileSystem(hadoop);
      if (!system.exists(new Path(path, "_delta_log"))) {
        search.requireThere(name);
        throw WeirException.user(
            "not-a-delta-table",
            "'%s' (%s) is not a Delta table: it has no folder _delta_log."
                .formatted(name, FileSearch.name(path)),
            "Name the table's folder, or set the format that its files have.");
      }
    } catch (IOException e) {
      throw WeirExceptions.unreadable(path, e);
    }
    Row newest =
        io.delta.tables.DeltaTable.forPath(spark, path.toString())
            .history(1)
            .select("version")
            .head();
    long last = newest.getLong(0);
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
          return Manifest.of(hadoop, List.of(status));
        }
        if (name.startsWith(checkpoint)) {
          found.add(status);
        }
      }
      return Manifest.of(hadoop, found);
    } catch (IOException e) {
      throw WeirExceptions.unreadable(log, e);
    }
  }
}
