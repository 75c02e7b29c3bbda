package dev.weir.audit;

import dev.weir.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a row of {@code lineage/events}: the sha-256 of its canonical JSON (RFC 8785), an
 * object with {@code at} in microseconds since 1970, {@code attempt}, {@code body} as the text that
 * it is, {@code kind}, {@code pipeline}, {@code run} and {@code stage}; what is null is left out.
 *
 * <p>Written by hand, since every event of a home is digested when its chain is verified. Not for
 * several threads.
 */
final class EventDigest {
  /** The columns that are digested, in the order in which {@link #of} takes their values. */
  static final List<String> COLUMNS =
      List.of("at", "kind", "pipeline", "run", "stage", "attempt", "body");

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final MessageDigest digest = Sha256.start();
  private byte[] buffer = new byte[4096];
  private int length;

  Hash of(
      long micros,
      String kind,
      String pipeline,
      String run,
      @Nullable String stage,
      @Nullable Integer attempt,
      String body) {
    write(micros, kind, pipeline, run, stage, attempt, body);
    digest.update(buffer, 0, length);
    return Hash.of(digest);
  }

  /** The JSON itself. */
  String json(
      long micros,
      String kind,
      String pipeline,
      String run,
      @Nullable String stage,
      @Nullable Integer attempt,
      String body) {
    write(micros, kind, pipeline, run, stage, attempt, body);
    return new String(buffer, 0, length, StandardCharsets.UTF_8);
  }

  private void write(
      long micros,
      String kind,
      String pipeline,
      String run,
      @Nullable String stage,
      @Nullable Integer attempt,
      String body) {
    length = 0;
    plain("{\"at\":");
    plain(Long.toString(micros));
    if (attempt != null) {
      plain(",\"attempt\":");
      plain(Integer.toString(attempt));
    }
    text(",\"body\":", body);
    text(",\"kind\":", kind);
    text(",\"pipeline\":", pipeline);
    text(",\"run\":", run);
    if (stage != null) {
      text(",\"stage\":", stage);
    }
    plain("}");
  }

  /** Of ASCII that needs no escaping. */
  @SuppressWarnings("deprecation") // Copies the bytes as they are, which is what is meant.
  private void plain(String text) {
    require(text.length());
    text.getBytes(0, text.length(), buffer, length);
    length += text.length();
  }

  private void text(String key, String value) {
    plain(key);
    byte[] bytes = Objects.requireNonNull(value).getBytes(StandardCharsets.UTF_8);
    // Each may become six.
    require(bytes.length * 6 + 2);
    buffer[length++] = '"';
    for (byte each : bytes) {
      if (each == '"' || each == '\\') {
        buffer[length++] = '\\';
        buffer[length++] = each;
      } else if (each >= 0 && each < ' ') {
        control(each);
      } else {
        buffer[length++] = each;
      }
    }
    buffer[length++] = '"';
  }

  private void control(byte character) {
    buffer[length++] = '\\';
    switch (character) {
      case '\b' -> buffer[length++] = 'b';
      case '\t' -> buffer[length++] = 't';
      case '\n' -> buffer[length++] = 'n';
      case '\f' -> buffer[length++] = 'f';
      case '\r' -> buffer[length++] = 'r';
      default -> {
        buffer[length++] = 'u';
        buffer[length++] = '0';
        buffer[length++] = '0';
        buffer[length++] = HEX[character >> 4];
        buffer[length++] = HEX[character & 15];
      }
    }
  }

  private void require(int more) {
    if (buffer.length - length < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
    }
  }
}
