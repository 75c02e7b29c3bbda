package dev.weir.data;

import dev.weir.store.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.LoggerFactory;

/** A folder for one model's files, which driver and executors all reach. */
final class ScratchFolder {
  private final Path folder;
  private final FileSystem files;
  private final Configuration configuration;

  private ScratchFolder(Path folder, FileSystem files, Configuration configuration) {
    this.folder = folder;
    this.files = files;
    this.configuration = configuration;
  }

  /** A new, empty folder under {@code parent}. */
  static ScratchFolder under(URI parent, Configuration configuration) {
    try {
      Path folder = new Path(new Path(parent), UUID.randomUUID().toString());
      FileSystem files = folder.getFileSystem(configuration);
      files.mkdirs(folder);
      return new ScratchFolder(files.makeQualified(folder), files, configuration);
    } catch (IOException e) {
      throw new UncheckedIOException("Can't make a scratch folder under " + parent, e);
    }
  }

  Configuration configuration() {
    return configuration;
  }

  String uri() {
    return folder.toString();
  }

  String uri(String path) {
    return new Path(folder, path).toString();
  }

  InputStream open(String path) throws IOException {
    return files.open(new Path(folder, path));
  }

  /** A file as Hadoop names it. */
  Path path(String path) {
    return new Path(folder, path);
  }

  /** Starts a new file. */
  OutputStream create(String path) throws IOException {
    return create(new Path(folder, path), configuration);
  }

  /** Starts a new file of such a folder, in a task of it. */
  static OutputStream create(Path file, Configuration configuration) throws IOException {
    FileSystem files = file.getFileSystem(configuration);
    if (files instanceof LocalFileSystem) {
      // Hadoop starts a process for the permissions of every local file and folder.
      java.nio.file.Path local = java.nio.file.Path.of(file.toUri().getPath());
      Files.createDirectories(local.toAbsolutePath().getParent());
      return new BufferedOutputStream(Files.newOutputStream(local, StandardOpenOption.CREATE_NEW));
    }
    return files.create(file, false);
  }

  /** Every file with its digest, without what Hadoop leaves beside them. */
  List<ModelFile> list() throws IOException {
    List<ModelFile> found = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
    while (all.hasNext()) {
      LocatedFileStatus file = all.next();
      String name = file.getPath().getName();
      if (!name.startsWith(".") && !name.equals("_SUCCESS")) {
        String path = folder.toUri().relativize(file.getPath().toUri()).getPath();
        found.add(new ModelFile(path, digest(file.getPath()), file.getLen()));
      }
    }
    return found;
  }

  private String digest(Path file) throws IOException {
    MessageDigest digest = Sha256.start();
    try (var in = new DigestInputStream(files.open(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Sha256.hex(digest);
  }

  /** Removes the folder; what can't be removed stays, and harms nothing. */
  void delete() {
    try {
      files.delete(folder, true);
    } catch (IOException e) {
      LoggerFactory.getLogger(ScratchFolder.class)
          .warn("Can't remove the scratch folder {}", folder, e);
    }
  }

  /** Removes the folder when the driver's JVM ends. */
  void deleteAtExit() {
    // After Spark's own hook, which stops what may still read, and before Hadoop closes its files.
    ShutdownHookManager.get().addShutdownHook(this::delete, FileSystem.SHUTDOWN_HOOK_PRIORITY + 10);
  }
}
