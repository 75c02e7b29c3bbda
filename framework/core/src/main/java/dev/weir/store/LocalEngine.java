package dev.weir.store;

import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.engine.ParquetHandler;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.net.URL;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Kernel's engine over local files.
 *
 * <p>For each Parquet file that it opens, Kernel's handler makes a new Hadoop configuration to look
 * for options of Parquet's, and so parses Hadoop's thousands of lines of defaults again: two thirds
 * of what a small commit costs. Here these calls find no such files, and Parquet's own defaults
 * hold.
 */
final class LocalEngine extends DefaultEngine {
  private final ParquetHandler parquet;

  LocalEngine(FileIO files) {
    super(files);
    this.parquet = new PlainParquet(super.getParquetHandler());
  }

  @Override
  public ParquetHandler getParquetHandler() {
    return parquet;
  }

  /** Hadoop finds its files through the class loader of the thread that makes a configuration. */
  private static final class WithoutHadoopFiles extends ClassLoader {
    private static final ClassLoader INSTANCE =
        new WithoutHadoopFiles(LocalEngine.class.getClassLoader());

    private WithoutHadoopFiles(ClassLoader parent) {
      super(parent);
    }

    @Override
    public @Nullable URL getResource(String name) {
      return name.endsWith("-default.xml") || name.endsWith("-site.xml")
          ? null
          : super.getResource(name);
    }
  }

  private interface Call<T> {
    T get() throws IOException;
  }

  private static <T> T plain(Call<T> call) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(WithoutHadoopFiles.INSTANCE);
    try {
      return call.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private record PlainParquet(ParquetHandler handler) implements ParquetHandler {
    @Override
    public CloseableIterator<FileReadResult> readParquetFiles(
        CloseableIterator<FileStatus> files, StructType schema, Optional<Predicate> predicate)
        throws IOException {
      return new Plain<>(plain(() -> handler.readParquetFiles(files, schema, predicate)));
    }

    @Override
    public CloseableIterator<DataFileStatus> writeParquetFiles(
        String folder, CloseableIterator<FilteredColumnarBatch> data, List<Column> statistics)
        throws IOException {
      return new Plain<>(plain(() -> handler.writeParquetFiles(folder, data, statistics)));
    }

    @Override
    public void writeParquetFileAtomically(
        String path, CloseableIterator<FilteredColumnarBatch> data) throws IOException {
      plain(
          () -> {
            handler.writeParquetFileAtomically(path, data);
            return true;
          });
    }
  }

  /** Files are opened as they are asked for. */
  private record Plain<T>(CloseableIterator<T> files) implements CloseableIterator<T> {
    @Override
    public boolean hasNext() {
      return unchecked(files::hasNext);
    }

    @Override
    public T next() {
      return unchecked(files::next);
    }

    @Override
    public void close() throws IOException {
      files.close();
    }

    private static <R> R unchecked(Call<R> call) {
      try {
        return plain(call);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
