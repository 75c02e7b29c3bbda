package dev.weir.feature;

import dev.weir.config.Default;
import dev.weir.config.Help;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What decides which side of a split a row is on. */
@Help("What decides which side of a split a row is on: its time, or the hash of its key.")
public sealed interface SplitBy {

  /**
   * By time: what is before {@code at} trains, what is from then on tests.
   *
   * @param time a column of dates or timestamps
   * @param at a date, or a time as {@code 2025-04-01T12:00:00}; in UTC unless it has an offset
   * @param until where testing ends (excluded), or null for never
   */
  record Time(
      @Help("A column of dates or timestamps.") String time,
      @Help("The first moment that tests, such as 2025-04-01; in UTC.") String at,
      @Help("The first moment after the tests; without it, all that follows tests.")
          @Nullable String until)
      implements SplitBy {
    public Time {
      if (time.isBlank()) {
        throw new IllegalArgumentException("time is the name of a column");
      }
      LocalDateTime from = moment("at", at);
      if (until != null && !moment("until", until).isAfter(from)) {
        throw new IllegalArgumentException("until is after at");
      }
    }

    /** A date, time or time with offset, in UTC. */
    static LocalDateTime moment(String key, String text) {
      try {
        if (text.length() <= 10) {
          return LocalDate.parse(text).atStartOfDay();
        }
        String iso = text.replace(' ', 'T');
        return iso.matches(".*(Z|[+-]\\d\\d:\\d\\d)$")
            ? OffsetDateTime.parse(iso).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
            : LocalDateTime.parse(iso);
      } catch (DateTimeParseException e) {
        throw new IllegalArgumentException(
            "%s is a date such as 2025-04-01 or a time such as 2025-04-01T12:00:00, not '%s'"
                .formatted(key, text),
            e);
      }
    }
  }

  /**
   * By the hash of a key: the same key is always on the same side, however rows are split between
   * tasks and whatever other rows there are.
   *
   * @param hash the key's columns
   * @param train which part trains, from 0 to 1
   * @param salt another salt, another split
   */
  record Hash(
      @Help("The columns of the key.") List<String> hash,
      @Help("Which part trains, from 0 to 1.") @Default("0.8") double train,
      @Help("Another salt gives another split.") @Default("weir") String salt)
      implements SplitBy {
    public Hash {
      hash = List.copyOf(hash);
      Objects.requireNonNull(salt);
      if (hash.isEmpty()) {
        throw new IllegalArgumentException("hash names at least one column");
      }
      if (!(train > 0 && train < 1)) {
        throw new IllegalArgumentException("train is between 0 and 1, not " + train);
      }
    }
  }

  /** Splits at a date or time. */
  static SplitBy time(String column, String at) {
    return new Time(column, at, null);
  }

  /** Splits at a date or time, up to another. */
  static SplitBy time(String column, String at, String until) {
    return new Time(column, at, until);
  }

  /** Splits by the hash of a key. */
  static SplitBy hash(double train, String... key) {
    return new Hash(List.of(key), train, "weir");
  }
}
