package dev.weir.profile;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/** What comes round again, by the calendar of UTC. */
public enum Season {
  /** The hours of a day. */
  HOUR,
  /** The days of a week. */
  WEEKDAY,
  /** The months of a year. */
  MONTH;

  boolean same(Instant one, Instant other) {
    return number(one) == number(other);
  }

  private int number(Instant at) {
    ZonedDateTime time = at.atZone(ZoneOffset.UTC);
    return switch (this) {
      case HOUR -> time.getHour();
      case WEEKDAY -> time.getDayOfWeek().getValue();
      case MONTH -> time.getMonthValue();
    };
  }
}
