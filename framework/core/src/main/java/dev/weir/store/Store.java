package dev.weir.store;

import dev.weir.error.WeirException;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.hadoopio.HadoopFileIO;
import io.delta.kernel.engine.Engine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Where Delta tables are kept: a file system that can put a file in place only if it is absent, by
 * all who write to it at once. Without that two writers may both believe that they made a commit.
 *
 * <p>Local files are reached through {@code java.nio}, everything else through Hadoop.
 */
public final class Store implements AutoCloseable {
  private static final Set<String> HADOOP_SCHEMES = Set.of("hdfs", "viewfs", "abfss", "gs");
  private static final Set<String> S3_SCHEMES = Set.of("s3", "s3a", "s3n");

  private final FileIO files;
  private final Engine engine;
  private final Maintenance maintenance = new Maintenance();

  private final @Nullable Configuration hadoop;

  private Store(FileIO files, Engine engine, @Nullable Configuration hadoop) {
    this.files = files;
    this.engine = engine;
    this.hadoop = hadoop;
  }

  /**
   * The store that holds a location.
   *
   * @param location an absolute path or a URI
   * @param hadoop Hadoop's properties, such as {@code fs.s3a.endpoint}; on top of its own files
   * @throws WeirException {@code store-unsafe} if the store can't put a file only if absent
   */
  public static Store of(URI location, Map<String, String> hadoop) {
    String scheme = scheme(location);
    if (scheme.equals("file")) {
      return local();
    }
    String logStoreKey = "io.delta.kernel.logStore." + scheme + ".impl";
    if (S3_SCHEMES.contains(scheme)) {
      if (!hadoop.containsKey(logStoreKey) && new Configuration().get(logStoreKey) == null) {
        throw WeirException.user(
            "store-unsafe",
            "%s is on S3, and no log store is configured for it: two drivers could overwrite each other's commits."
                .formatted(location),
            "Set %s to a log store that is safe with several drivers, such as io.delta.storage.S3DynamoDBLogStore, and the same class for Spark as spark.delta.logStore.%s.impl."
                .formatted(logStoreKey, scheme));
      }
    } else if (!HADOOP_SCHEMES.contains(scheme)) {
      throw WeirException.user(
          "store-unsafe",
          "%s is on '%s', which is not known to put a file in place only if it is absent: two drivers could overwrite each other's commits."
              .formatted(location, scheme),
          "Use a local folder, hdfs://, abfss://, gs://, or s3a:// with a log store.");
    }
    Configuration configuration = new Configuration();
    hadoop.forEach(configuration::set);
    String logStore = configuration.get(logStoreKey, "");
    if (logStore.endsWith("S3SingleDriverLogStore")) {
      throw WeirException.user(
          "store-unsafe",
          "%s is set to %s, which keeps order among the threads of one driver only."
              .formatted(logStoreKey, logStore),
          "Set it to a log store that is safe with several drivers, such as io.delta.storage.S3DynamoDBLogStore.");
    }
    return hadoop(configuration);
  }

  private static Store hadoop(Configuration configuration) {
    FileIO files = new CheckedFiles(new HadoopFileIO(configuration));
    return new Store(files, DefaultEngine.create(files), configuration);
  }

  /** The store that holds a location, to look at what another engine has written there. */
  static Store toRead(URI location, Configuration hadoop) {
    return scheme(location).equals("file") ? local() : hadoop(hadoop);
  }

  /** The store that holds a local folder. */
  public static Store local() {
    return local(new LocalFileIo());
  }

  /**
   * @param io local files
   */
  static Store local(FileIO io) {
    FileIO files = new CheckedFiles(io);
    return new Store(files, new LocalEngine(files), null);
  }

  static String scheme(URI location) {
    String scheme = location.getScheme();
    return scheme == null ? "file" : scheme.toLowerCase(Locale.ROOT);
  }

  /** The table at a location, which need not be there yet. */
  public DeltaTable table(URI location) {
    return new DeltaTable(this, kernelPath(location));
  }

  /** The table in a local folder, which need not be there yet. */
  public DeltaTable table(Path folder) {
    return new DeltaTable(this, LocalFileIo.kernelPath(folder));
  }

  static String kernelPath(URI location) {
    if (!scheme(location).equals("file")) {
      // Kernel takes paths that are not percent-encoded.
      String whole = new org.apache.hadoop.fs.Path(location).toString();
      return whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole;
    }
    return LocalFileIo.kernelPath(
        location.getScheme() == null ? Path.of(location.getPath()) : Path.of(location));
  }

  /**
   * Removes a table with everything it holds; a table of another version made at the same place is
   * another table.
   */
  public void drop(DeltaTable table) {
    String dropped = table.path() + ".dropped-" + UUID.randomUUID();
    try {
      // Moved away first, since a table that is there in part reads as an older one.
      if (hadoop == null) {
        Path folder = LocalFileIo.path(table.path());
        if (!Files.exists(folder)) {
          return;
        }
        Path aside = LocalFileIo.path(dropped);
        Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
        List<Path> content;
        try (Stream<Path> walk = Files.walk(aside)) {
          content = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : content) {
          Files.deleteIfExists(path);
        }
      } else {
        var folder = new org.apache.hadoop.fs.Path(table.path());
        var aside = new org.apache.hadoop.fs.Path(dropped);
        var fileSystem = folder.getFileSystem(hadoop);
        if (fileSystem.exists(folder) && fileSystem.rename(folder, aside)) {
          fileSystem.delete(aside, true);
        }
      }
    } catch (IOException e) {
      throw StoreErrors.failed("remove " + table, e);
    }
  }

  /**
   * Does something in the background, in a thread that has time, unless the same waits to be done;
   * what fails there is logged.
   *
   * @param name what it is, as in "could not …"
   * @param work told by what it is given whether to stop at the next good moment, since the store
   *     is being closed
   */
  public void inBackground(String name, Consumer<BooleanSupplier> work) {
    maintenance.inBackground(name, work);
  }

  Engine engine() {
    return engine;
  }

  /** Hadoop's configuration, for a store that is not local. */
  Configuration hadoop() {
    return Objects.requireNonNull(hadoop);
  }

  FileIO files() {
    return files;
  }

  Maintenance maintenance() {
    return maintenance;
  }

  /** Waits, for some seconds at most, until what is done in the background has come to an end. */
  @Override
  public void close() {
    maintenance.close();
  }
}
