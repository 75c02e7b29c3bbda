package dev.weir.lineage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The file for a run's last words, opened while there is memory, with all in it that is known
 * beforehand. Closed by a run that needs none, it is gone.
 */
public final class LastWordsFile implements AutoCloseable {
  private static final int ROOM = 16 * 1024;
  private static final int LONGEST = 1000;

  private final Path path;
  private final @Nullable Path madeFolder;
  private final FileChannel channel;
  // Outside of the heap, and there before it is needed.
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(ROOM);
  private boolean spoken;

  private LastWordsFile(Path path, @Nullable Path madeFolder, FileChannel channel) {
    this.path = path;
    this.madeFolder = madeFolder;
    this.channel = channel;
  }

  /**
   * Opens the file of a run of this process; from now on an {@link OutOfMemory} ends it with words.
   *
   * @throws UncheckedIOException if it can't be made
   */
  public static LastWordsFile open(Path path, String run, String pipeline) {
    Holder self = Holder.current();
    String known =
        "run=%s%npipeline=%s%nhost=%s%npid=%d%nheap_max=%d%n"
            .formatted(run, pipeline, self.host(), self.pid(), Runtime.getRuntime().maxMemory());
    try {
      Path folder = path.toAbsolutePath().getParent();
      Path made = folder == null || Files.exists(folder) ? null : folder;
      if (made != null) {
        Files.createDirectories(made);
      }
      FileChannel channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      LastWordsFile file = new LastWordsFile(path, made, channel);
      // Written the way the last words will be, so that nothing is done for the first time then.
      file.buffer.put(known.getBytes(StandardCharsets.UTF_8));
      file.flush();
      OutOfMemory.watch(file);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("Can't make the file for a run's last words: " + path, e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Writes the words; allocates next to nothing until they are written. */
  void say(Throwable error, @Nullable String stage, int attempt) throws IOException {
    spoken = true;
    if (stage != null) {
      put("stage=", stage);
      put("attempt=");
      put(attempt);
      newLine();
    }
    put("at=");
    put(System.currentTimeMillis());
    newLine();
    put("what=", error.getClass().getName());
    String message = error.getMessage();
    if (message != null) {
      // On the line that has just ended.
      buffer.position(buffer.position() - 1);
      put(": ", message);
    }
    flush();
    // The rest needs memory, and there may be some.
    for (StackTraceElement frame : error.getStackTrace()) {
      if (buffer.position() > ROOM / 2) {
        break;
      }
      put("\tat ", frame.toString());
    }
    flush();
  }

  /** A line. */
  private void put(String label, String text) {
    put(label);
    put(text);
    newLine();
  }

  private void newLine() {
    buffer.put((byte) '\n');
  }

  /** A text in UTF-8, without an encoder; line ends become spaces, and a long one is cut. */
  private void put(String text) {
    for (int i = 0; i < text.length() && i < LONGEST; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        buffer.put((byte) (c < ' ' && c != '\t' ? ' ' : c));
      } else if (c < 0x800) {
        buffer.put((byte) (0xc0 | (c >> 6))).put((byte) (0x80 | (c & 0x3f)));
      } else if (Character.isSurrogate(c)) {
        buffer.put((byte) '?');
      } else {
        buffer.put((byte) (0xe0 | (c >> 12)));
        buffer.put((byte) (0x80 | ((c >> 6) & 0x3f))).put((byte) (0x80 | (c & 0x3f)));
      }
    }
  }

  private void put(long number) {
    if (number >= 10) {
      put(number / 10);
    }
    buffer.put((byte) ('0' + number % 10));
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** Takes the file away, and the folder that was made for it if nothing else is in it. */
  @Override
  public void close() {
    OutOfMemory.forget(this);
    try {
      channel.close();
      if (!spoken) {
        Files.deleteIfExists(path);
        if (madeFolder != null) {
          Files.deleteIfExists(madeFolder);
        }
      }
    } catch (DirectoryNotEmptyException e) {
      return; // The run's log lies there too.
    } catch (IOException e) {
      throw new UncheckedIOException("Can't take away the file " + path, e);
    }
  }
}
