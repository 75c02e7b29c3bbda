package dev.weir.pipeline;

import dev.weir.lineage.Fact;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * How the world outside of Weir is reached.
 *
 * @param project the folder that relative paths resolve against
 * @param hadoop the file systems and their settings
 * @param known files as they were when they were last looked at, by path; one whose length and time
 *     are still the same need not be read again
 */
public record Outside(URI project, Configuration hadoop, Map<String, Fact.OutsideFile> known) {
  private static final String LOCAL = "file";

  public Outside {
    Objects.requireNonNull(project);
    Objects.requireNonNull(hadoop);
    known = Map.copyOf(known);
  }

  /**
   * The file system that holds a path. Local files are looked at without Hadoop's settings, whose
   * reading takes longer than a look at a thousand files.
   */
  public FileSystem fileSystem(Path path) throws IOException {
    if (!LOCAL.equals(path.toUri().getScheme())) {
      return path.getFileSystem(hadoop);
    }
    FileSystem local = new LocalFileSystem();
    local.initialize(URI.create(LOCAL + ":///"), new Configuration(false));
    return local;
  }

  /** The same where nothing is known yet. */
  public Outside(URI project, Configuration hadoop) {
    this(project, hadoop, Map.of());
  }
}
