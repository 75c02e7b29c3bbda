package dev.weir.store;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;

/**
 * Files of which commits are read whole or not at all: whoever opens a commit file, Kernel too,
 * gets an error that names it if a part of it is missing.
 */
record CheckedFiles(FileIO files) implements FileIO {
  /** An append makes one file, so that it is known beforehand how many actions a commit has. */
  private static final String FILE_SIZE = "delta.kernel.default.parquet.writer.targetMaxFileSize";

  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) throws IOException {
    return files.listFrom(filePath);
  }

  @Override
  public FileStatus getFileStatus(String path) throws IOException {
    return files.getFileStatus(path);
  }

  @Override
  public String resolvePath(String path) throws IOException {
    return files.resolvePath(path);
  }

  @Override
  public boolean mkdirs(String path) throws IOException {
    return files.mkdirs(path);
  }

  @Override
  public InputFile newInputFile(String path, long fileSize) {
    InputFile file = files.newInputFile(path, fileSize);
    return WholeCommit.isCommit(path) ? new Commit(file) : file;
  }

  @Override
  public OutputFile newOutputFile(String path) {
    return files.newOutputFile(path);
  }

  @Override
  public boolean delete(String path) throws IOException {
    return files.delete(path);
  }

  @Override
  public Optional<String> getConf(String key) {
    return key.equals(FILE_SIZE) ? Optional.of(Long.toString(Long.MAX_VALUE)) : files.getConf(key);
  }

  @Override
  public void copyFileAtomically(String from, String to, boolean overwrite) throws IOException {
    files.copyFileAtomically(from, to, overwrite);
  }

  private record Commit(InputFile file) implements InputFile {
    @Override
    public long length() throws IOException {
      return file.length();
    }

    @Override
    public String path() {
      return file.path();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      byte[] content;
      try (SeekableInputStream in = file.newStream()) {
        content = in.readAllBytes();
      }
      WholeCommit.require(file.path(), content);
      return new Bytes(content);
    }
  }

  private static final class Bytes extends SeekableInputStream {
    private final byte[] content;
    private int position;

    Bytes(byte[] content) {
      this.content = content;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void seek(long newPosition) {
      position = Math.toIntExact(newPosition);
    }

    @Override
    public void readFully(byte[] bytes, int offset, int length) throws IOException {
      if (content.length - position < length) {
        throw new EOFException("The file ends before what was asked for");
      }
      System.arraycopy(content, position, bytes, offset, length);
      position += length;
    }

    @Override
    public int read() {
      return position < content.length ? content[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      if (position >= content.length) {
        return length == 0 ? 0 : -1;
      }
      int count = Math.min(length, content.length - position);
      System.arraycopy(content, position, bytes, offset, count);
      position += count;
      return count;
    }
  }
}
