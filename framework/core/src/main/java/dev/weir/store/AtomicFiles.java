package dev.weir.store;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.Objects;
import java.util.UUID;

/**
 * Writes of local files that are seen whole or not at all.
 *
 * <p>A new file is written under a temporary name and then hard-linked to its own: the one step
 * that a POSIX file system refuses when the name is taken, for every process that tries. A rename
 * replaces in silence, and a look beforehand leaves a gap.
 */
final class AtomicFiles {
  /** Writes a file's content. */
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFiles() {}

  /**
   * Writes a file, on the disk before its name is.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it is there and must not be replaced
   */
  static void write(Path file, boolean overwrite, Content content) throws IOException {
    Path temporary = temporary(file);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 14);
        content.writeTo(out);
        out.flush();
        channel.force(false);
      }
      put(temporary, file, overwrite);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Writes lines, each ended by a line feed. */
  static void writeLines(Path file, boolean overwrite, Iterator<String> lines) throws IOException {
    write(
        file,
        overwrite,
        out -> {
          while (lines.hasNext()) {
            out.write(lines.next().getBytes(StandardCharsets.UTF_8));
            out.write('\n');
          }
        });
  }

  /** A stream to a new file that gets its name when the stream is closed. */
  static OutputStream newFile(Path file) throws IOException {
    Path temporary = temporary(file);
    return new FilterOutputStream(durable(temporary)) {
      private boolean closed;
      private boolean whole = true;

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        whole = false;
        out.write(bytes, offset, length);
        whole = true;
      }

      @Override
      public void close() throws IOException {
        if (closed) {
          return;
        }
        closed = true;
        try {
          super.close();
          if (whole) {
            put(temporary, file, false);
          }
        } finally {
          Files.deleteIfExists(temporary);
        }
      }
    };
  }

  /** A stream to a file that is on the disk when the stream is closed. */
  static OutputStream durable(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new BufferedOutputStream(Channels.newOutputStream(channel)) {
      @Override
      public void close() throws IOException {
        try (channel) {
          flush();
          if (channel.isOpen()) {
            channel.force(false);
          }
        }
      }
    };
  }

  private static void put(Path temporary, Path file, boolean overwrite) throws IOException {
    Steps.before(file);
    if (overwrite) {
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      // A sum that Hadoop's local file system left of the file that was here before.
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    } else {
      Files.createLink(file, temporary);
    }
  }

  private static Path temporary(Path file) {
    Path folder = Objects.requireNonNull(file.getParent());
    return folder.resolve(".%s.%s.tmp".formatted(file.getFileName(), UUID.randomUUID()));
  }
}
