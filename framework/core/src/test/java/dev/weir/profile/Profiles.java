package dev.weir.profile;

import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;

/** Profiles of values that a test gives. */
public final class Profiles {
  private Profiles() {}

  public static ColumnProfile numbers(String name, double... values) {
    ColumnAccumulator column = ColumnAccumulator.of(name, "double", ValueKind.REAL);
    for (double value : values) {
      column.update(value);
    }
    return column.profile();
  }

  public static ColumnProfile integers(String name, long... values) {
    ColumnAccumulator column = ColumnAccumulator.of(name, "bigint", ValueKind.INTEGER);
    for (long value : values) {
      column.update(value);
    }
    return column.profile();
  }

  public static ColumnProfile texts(String name, String... values) {
    ColumnAccumulator column = ColumnAccumulator.of(name, "string", ValueKind.TEXT);
    for (String value : values) {
      if (value == null) {
        column.updateNull();
      } else {
        update(column, value);
      }
    }
    return column.profile();
  }

  static void update(ColumnAccumulator column, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    // As in a row of Spark's, where it stands among others.
    byte[] row = new byte[utf8.length + 7];
    Arrays.fill(row, (byte) 'Z');
    System.arraycopy(utf8, 0, row, 3, utf8.length);
    column.update(row, 3, utf8.length);
  }

  public static DatasetProfile of(ColumnProfile... columns) {
    return new DatasetProfile(columns[0].values() + columns[0].nulls(), List.of(columns));
  }

  /** Versions from 0, a day apart from Monday, 2026-01-05 on. */
  public static Past past(int version, ColumnProfile... columns) {
    return new Past(
        new DatasetVersion(DatasetName.parse("a.b"), version), day(version), of(columns));
  }

  static Instant day(int day) {
    return Instant.parse("2026-01-05T10:00:00Z").plus(day, ChronoUnit.DAYS);
  }
}
