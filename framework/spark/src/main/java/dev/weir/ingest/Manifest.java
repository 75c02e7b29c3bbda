package dev.weir.ingest;

import dev.weir.artifact.SourceFile;
import dev.weir.background.Background;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Outside;
import dev.weir.store.Sha256;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files that a source is at one moment, each with what tells whether it has changed since.
 *
 * @param files in the order of their paths
 */
public record Manifest(List<Entry> files) {
  private static final int THREADS = 8;
  private static final int BUFFER = 1 << 16;

  /**
   * One file.
   *
   * @param path where it is, as a URI that Hadoop reads
   * @param length in bytes
   * @param modified when it was last written, in milliseconds since 1970
   * @param sha256 of its bytes, in hexadecimal
   * @param content the digest of the data in it where other bytes may hold the same, or null
   */
  public record Entry(
      String path, long length, long modified, String sha256, @Nullable String content) {
    public Entry {
      Objects.requireNonNull(path);
      Objects.requireNonNull(sha256);
    }

    Entry(String path, long length, long modified, String sha256) {
      this(path, length, modified, sha256, null);
    }

    /** The path as a person writes it: without a scheme for local files. */
    public String name() {
      return FileSearch.name(new Path(path));
    }
  }

  public Manifest {
    files = List.copyOf(files);
  }

  /**
   * Finds the files that paths mean, each once, and takes stock of them.
   *
   * @param project the folder that relative paths stand against
   * @param patterns files, folders or globs
   * @throws WeirException if one is not there or can't be read
   */
  public static Manifest find(Configuration hadoop, URI project, List<String> patterns) {
    return find(new Outside(project, hadoop), patterns);
  }

  /** The same; files that are known already are not read again. */
  public static Manifest find(Outside outside, List<String> patterns) {
    return of(outside, new FileSearch(outside).find(patterns));
  }

  /**
   * Takes stock of files, hashing several at a time.
   *
   * @throws WeirException if one can't be read
   */
  static Manifest of(Configuration hadoop, List<FileStatus> files) {
    return of(new Outside(URI.create("file:///"), hadoop), files);
  }

  static Manifest of(Outside outside, List<FileStatus> files) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.max(1, Math.min(THREADS, files.size())), Background.threads("weir-manifest"));
    try {
      List<Future<Entry>> futures = new ArrayList<>();
      for (FileStatus file : files) {
        futures.add(pool.submit(() -> entry(outside, file)));
      }
      List<Entry> entries = new ArrayList<>();
      for (Future<Entry> future : futures) {
        entries.add(future.get());
      }
      return new Manifest(entries);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WeirException known) {
        throw known;
      }
      throw new IllegalStateException("Hashing the source's files failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WeirException(
          "interrupted", ErrorKind.TRANSIENT, "Hashing the source's files was interrupted.", "", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static Entry entry(Outside outside, FileStatus file) {
    Fact.OutsideFile known = outside.known().get(file.getPath().toString());
    if (known != null
        && known.bytes() == file.getLen()
        && known.modified() == file.getModificationTime()) {
      return new Entry(known.path(), known.bytes(), known.modified(), known.sha256());
    }
    MessageDigest digest = Sha256.start();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = outside.open(file.getPath())) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    } catch (IOException e) {
      throw WeirExceptions.unreadable(file.getPath(), e);
    } catch (FSError e) {
      // What Hadoop makes of a local disk that fails; an error, though a file's and not the JVM's.
      throw WeirExceptions.unreadable(
          file.getPath(), e.getCause() instanceof IOException io ? io : new IOException(e));
    }
    return new Entry(
        file.getPath().toString(), file.getLen(), file.getModificationTime(), Sha256.hex(digest));
  }

  /** The files that a run pinned when it began. */
  public static Manifest pinned(List<Fact.OutsideFile> files) {
    return new Manifest(
        files.stream()
            .map(
                file ->
                    new Entry(
                        file.path(), file.bytes(), file.modified(), file.sha256(), file.content()))
            .toList());
  }

  /** The files as a run pins them. */
  public List<Fact.OutsideFile> outside() {
    return files.stream()
        .map(
            file ->
                new Fact.OutsideFile(
                    file.path(), file.length(), file.modified(), file.sha256(), file.content()))
        .toList();
  }

  /**
   * The bytes of the one file that there is.
   *
   * @throws WeirException {@code source-changed} if they are not those that were taken stock of
   */
  public byte[] only(Configuration hadoop) {
    Entry file = files.get(0);
    Path path = new Path(file.path());
    byte[] bytes;
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      bytes = in.readAllBytes();
    } catch (FileNotFoundException e) {
      throw changed(List.of(file.name() + " is gone"));
    } catch (IOException e) {
      throw WeirExceptions.unreadable(path, e);
    }
    if (!Sha256.of(bytes).equals(file.sha256())) {
      throw changed(List.of(file.name() + " was written again"));
    }
    return bytes;
  }

  /** The paths, as Hadoop reads them. */
  public List<String> paths() {
    return files.stream().map(Entry::path).toList();
  }

  /** How long the files are together, in bytes. */
  public long bytes() {
    return files.stream().mapToLong(Entry::length).sum();
  }

  /** The files as facts, read through a port. */
  public List<Fact.Read> reads(String port) {
    return files.stream()
        .map(
            file ->
                new Fact.Read(
                    port,
                    new SourceFile(file.name(), file.sha256()).reference(),
                    Long.toString(file.length())))
        .toList();
  }

  /**
   * Checks that every file still has the length and the time that it had.
   *
   * @throws WeirException of kind data if one has changed or is gone: another attempt would read
   *     other rows than the run began with
   */
  public void requireUnchanged(Configuration hadoop) {
    List<String> changed = new ArrayList<>();
    for (Entry file : files) {
      Path path = new Path(file.path());
      try {
        FileStatus now = path.getFileSystem(hadoop).getFileStatus(path);
        if (now.getLen() != file.length()) {
          changed.add(
              "%s had %d bytes and has %d".formatted(file.name(), file.length(), now.getLen()));
        } else if (now.getModificationTime() != file.modified()) {
          changed.add(file.name() + " was written again");
        }
      } catch (FileNotFoundException e) {
        changed.add(file.name() + " is gone");
      } catch (IOException e) {
        throw WeirExceptions.unreadable(path, e);
      }
    }
    if (!changed.isEmpty()) {
      throw changed(changed);
    }
  }

  private static WeirException changed(List<String> changes) {
    return WeirException.data(
        "source-changed",
        "The source has changed since the run began: " + String.join("; ", changes) + ".",
        "Nothing of it was published. Run again when the delivery is complete.");
  }
}
