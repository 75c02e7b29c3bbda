package dev.weir.store;

import io.delta.storage.HadoopFileSystemLogStore;
import java.io.IOException;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log on a local disk, for Spark: {@code
 * spark.delta.logStore.file.impl=dev.weir.store.LocalLogStore}.
 *
 * <p>The store that Delta takes for local files looks whether the commit is there and then renames
 * its own over it, so that of two processes that meet both may think they won. This one links, and
 * the second is refused.
 */
public final class LocalLogStore extends HadoopFileSystemLogStore {
  /** Made by Delta. */
  public LocalLogStore(Configuration hadoop) {
    super(hadoop);
  }

  @Override
  public void write(
      Path path, Iterator<String> actions, Boolean overwrite, Configuration hadoopConf)
      throws IOException {
    AtomicFiles.writeLines(java.nio.file.Path.of(path.toUri().getPath()), overwrite, actions);
  }

  @Override
  public Boolean isPartialWriteVisible(Path path, Configuration hadoopConf) {
    // What Delta does not write through this method, checkpoints, it must put in place itself.
    return true;
  }
}
