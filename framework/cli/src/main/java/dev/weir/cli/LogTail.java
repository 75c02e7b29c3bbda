package dev.weir.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Copies a log as it grows, or what one stage wrote in it: its entries, each with the lines below
 * that begin no other, such as a stack trace.
 */
final class LogTail {
  /** How {@code conf/log4j2.properties} begins an entry. */
  private static final Pattern ENTRY =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z +[A-Z]+ +(?:\\[(.+?)#\\d+] )?");

  /** How much of a line is looked at to tell whose it is. */
  private static final int HEAD = 512;

  private static final int CHUNK = 1 << 16;

  private final Path file;
  private final @Nullable String stage;
  private final PrintStream out;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ByteArrayOutputStream chosen = new ByteArrayOutputStream();
  private long position;
  private boolean mine;
  private boolean entries;
  private boolean lines;
  private boolean printed;

  /**
   * @param stage the stage whose entries are copied, or null for everything
   */
  LogTail(Path file, @Nullable String stage, PrintStream out) {
    this.file = file;
    this.stage = stage;
    this.out = out;
  }

  /** Copies the lines that have been ended since; returns whether the log had grown. */
  boolean copy() throws IOException {
    long before = position;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < position) {
        // Another file is in its place.
        position = 0;
        line.reset();
      }
      channel.position(position);
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      while (!out.checkError() && channel.read(buffer) > 0) {
        position += buffer.position();
        take(buffer.array(), buffer.position());
        buffer.clear();
      }
    } catch (NoSuchFileException e) {
      return false; // It is made with its first entry.
    }
    return position != before;
  }

  /** Copies what the last line has, though it has not been ended. */
  void finish() {
    if (line.size() > 0) {
      endLine();
      flush();
    }
  }

  /** Whether anything was copied. */
  boolean printed() {
    return printed;
  }

  /** Whether there are lines, and none that begins as an entry of Weir's pattern does. */
  boolean foreign() {
    return lines && !entries;
  }

  private void take(byte[] bytes, int length) {
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, start, i + 1 - start);
        endLine();
        start = i + 1;
      }
    }
    line.write(bytes, start, length - start);
    flush();
  }

  private void endLine() {
    byte[] bytes = line.toByteArray();
    line.reset();
    lines = true;
    Matcher entry =
        ENTRY.matcher(new String(bytes, 0, Math.min(bytes.length, HEAD), StandardCharsets.UTF_8));
    if (entry.lookingAt()) {
      entries = true;
      mine = stage != null && stage.equals(entry.group(1));
    }
    if (stage == null || mine) {
      chosen.writeBytes(bytes);
    }
  }

  private void flush() {
    if (chosen.size() > 0) {
      printed = true;
      // As bytes: the log is UTF-8, whatever the terminal's encoding is thought to be.
      out.writeBytes(chosen.toByteArray());
      out.flush();
      chosen.reset();
    }
  }
}
