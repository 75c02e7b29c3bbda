package dev.weir.quality;

/** What text can be required to be the writing of. */
public enum Format {
  /** A whole number, such as {@code -12}. */
  INTEGRAL("[+-]?[0-9]+"),
  /** A number, such as {@code 12}, {@code .5} or {@code 1.2e-3}. */
  NUMERIC("[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?"),
  /** {@code true} or {@code false}, in any case. */
  BOOLEAN("(?i:true|false)"),
  /** A day that there is, such as {@code 2024-02-29}. */
  DATE("[0-9]{4}-[0-9]{2}-[0-9]{2}", "try_cast(%s as date) is not null"),
  /**
   * A time that there is, such as {@code 2024-02-29T12:00:00Z} or {@code 2024-02-29 12:00:00.5}.
   */
  TIMESTAMP(
      "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?",
      "try_cast(%s as timestamp) is not null"),
  /** An e-mail address without a display name, comments or quotes. */
  EMAIL(
      "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?[.])+[A-Za-z]{2,63}"),
  /** An address of the web: http, https or ftp. */
  URL("(?i:https?|ftp)://(?:[^\\s/?#@]+@)?[^\\s/?#@:]+(?::[0-9]{1,5})?(?:[/?#]\\S*)?"),
  /** A UUID, such as {@code 123e4567-e89b-12d3-a456-426614174000}. */
  UUID("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
  /** A credit card's number: 12 to 19 digits, spaces or dashes between, with the check digit. */
  CREDIT_CARD("[0-9](?:[ -]?[0-9]){11,18}", "luhn_check(regexp_replace(%s, '[ -]', ''))"),
  /** A social security number of the United States, with or without dashes. */
  SOCIAL_SECURITY_NUMBER("(?!000|666|9)[0-9]{3}-?(?!00)[0-9]{2}-?(?!0000)[0-9]{4}");

  private final String pattern;
  private final String more;

  Format(String pattern) {
    this(pattern, "");
  }

  Format(String pattern, String more) {
    this.pattern = pattern;
    this.more = more;
  }

  /** What the text as a whole matches. */
  String pattern() {
    return pattern;
  }

  /** What must be true beside, with {@code %s} for the column; empty for nothing. */
  String more() {
    return more;
  }
}
