package dev.weir.store;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Kernel's access to local files, through {@code java.nio}: Hadoop's takes a good part of a second
 * to start, and its rename puts a commit over another's when two processes meet.
 */
final class LocalFileIo implements FileIO {
  /** Kernel's paths are {@code file:/a b} or {@code file:///a b}, not percent-encoded. */
  static Path path(String kernelPath) {
    String rest = kernelPath.startsWith("file:") ? kernelPath.substring(5) : kernelPath;
    if (rest.startsWith("///")) {
      rest = rest.substring(2);
    }
    return Path.of(rest);
  }

  /** The path in the form that Kernel takes. */
  static String kernelPath(Path path) {
    return "file:" + path.toAbsolutePath().normalize();
  }

  private static FileStatus status(Path path, String kernelPath) throws IOException {
    BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
    return FileStatus.of(kernelPath, found.size(), found.lastModifiedTime().toMillis());
  }

  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) throws IOException {
    Path from = path(filePath);
    Path folder = Objects.requireNonNull(from.getParent());
    String first = String.valueOf(from.getFileName());
    // A log may hold thousands of files: what is the same for all is done once.
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        String name = String.valueOf(child.getFileName());
        if (name.compareTo(first) >= 0) {
          names.add(name);
        }
      }
    } catch (NoSuchFileException e) {
      throw missing(e);
    }
    Collections.sort(names);
    String parent = kernelPath(folder) + "/";
    List<FileStatus> statuses = new ArrayList<>(names.size());
    for (String name : names) {
      try {
        statuses.add(status(folder.resolve(name), parent + name));
      } catch (NoSuchFileException temporary) {
        // Its writer has put it in place since, under its own name.
      }
    }
    return iterator(statuses.iterator());
  }

  @Override
  public FileStatus getFileStatus(String path) throws IOException {
    try {
      Path file = path(path);
      return status(file, kernelPath(file));
    } catch (NoSuchFileException e) {
      throw missing(e);
    }
  }

  /** Kernel expects the older exception. */
  private static FileNotFoundException missing(NoSuchFileException e) {
    FileNotFoundException missing = new FileNotFoundException(e.getMessage());
    missing.initCause(e);
    return missing;
  }

  @Override
  public String resolvePath(String path) {
    return kernelPath(path(path));
  }

  @Override
  public boolean mkdirs(String path) throws IOException {
    Files.createDirectories(path(path));
    return true;
  }

  @Override
  public InputFile newInputFile(String path, long fileSize) {
    return new Input(path(path));
  }

  @Override
  public OutputFile newOutputFile(String path) {
    return new Output(path(path));
  }

  @Override
  public boolean delete(String path) throws IOException {
    return Files.deleteIfExists(path(path));
  }

  @Override
  public Optional<String> getConf(String confKey) {
    return Optional.empty();
  }

  @Override
  public void copyFileAtomically(String srcPath, String destPath, boolean overwrite)
      throws IOException {
    byte[] bytes = Files.readAllBytes(path(srcPath));
    AtomicFiles.write(path(destPath), overwrite, out -> out.write(bytes));
  }

  private static <T> CloseableIterator<T> iterator(Iterator<T> iterator) {
    return new CloseableIterator<>() {
      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public T next() {
        return iterator.next();
      }

      @Override
      public void close() {}
    };
  }

  private record Input(Path file) implements InputFile {
    @Override
    public long length() throws IOException {
      return Files.size(file);
    }

    @Override
    public String path() {
      return kernelPath(file);
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      try {
        return new Stream(Files.newByteChannel(file));
      } catch (NoSuchFileException e) {
        throw missing(e);
      }
    }
  }

  private static final class Stream extends SeekableInputStream {
    private final SeekableByteChannel channel;
    private final InputStream in;

    Stream(SeekableByteChannel channel) {
      this.channel = channel;
      this.in = Channels.newInputStream(channel);
    }

    @Override
    public long getPos() throws IOException {
      return channel.position();
    }

    @Override
    public void seek(long position) throws IOException {
      channel.position(position);
    }

    @Override
    public void readFully(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new EOFException(
              "The file ends %d bytes before what was asked for".formatted(buffer.remaining()));
        }
      }
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return in.read(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record Output(Path file) implements OutputFile {
    @Override
    public String path() {
      return kernelPath(file);
    }

    @Override
    public PositionOutputStream create(boolean putIfAbsent) throws IOException {
      return new Counted(putIfAbsent ? AtomicFiles.newFile(file) : AtomicFiles.durable(file));
    }

    @Override
    public void writeAtomically(CloseableIterator<String> lines, boolean overwrite)
        throws IOException {
      try (lines) {
        AtomicFiles.writeLines(file, overwrite, lines);
      }
    }
  }

  private static final class Counted extends PositionOutputStream {
    private final OutputStream out;
    private long position;

    Counted(OutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      position += length;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  /** The path that a {@code file:} URI, percent-encoded, stands for. */
  static String kernelPath(URI uri) {
    return kernelPath(Path.of(uri));
  }
}
