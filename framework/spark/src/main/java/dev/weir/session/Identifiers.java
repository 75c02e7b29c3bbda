package dev.weir.session;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/** Names as Spark SQL takes them, whatever characters they hold. */
public final class Identifiers {
  private Identifiers() {}

  /** A name in backticks. */
  public static String quote(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** The column of a name, of which a dot is a part. */
  public static Column column(String name) {
    return functions.col(quote(name));
  }
}
