package dev.weir.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftleft;
import static org.apache.spark.sql.functions.shiftright;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import dev.weir.store.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The digest of a dataset's content: the same for the same rows in any order and any partitioning.
 *
 * <p>Every row is hashed twice with 64 bits (xxHash64 from two seeds) over the nulls, lengths and
 * values of its columns; each hash is cut into two signed halves, and each half is summed over the
 * rows as a long. The digest is the SHA-256 of the schema (names and types, not nullability), the
 * row count and the four sums. A sum of signed halves stays far from overflow: only more than 2^32
 * copies of one row could reach it. It guards against accidents, not against someone who makes
 * collisions.
 *
 * <p>What counts as equal is what Spark's hash counts as equal: every NaN is the same, and so are
 * 0.0 and -0.0; strings are compared by their bytes, whatever their collation; a map is equal to
 * one with the same entries in another order.
 */
public final class ContentDigest {
  private static final String ROWS = "weir_rows";
  private static final List<String> SUMS =
      List.of("weir_first_high", "weir_first_low", "weir_second_high", "weir_second_low");

  /** Where the hashes of a row stand beside it. */
  private static final List<String> HASHES = List.of("__weir_first_hash", "__weir_second_hash");

  private static final List<Column> AGGREGATES = aggregates();

  private final String schema;
  private final Column first;
  private final Column second;

  private ContentDigest(StructType type) {
    this.schema = CanonicalRow.describe(type);
    List<Column> row = CanonicalRow.of(type);
    this.first = hash(1L, row).as(HASHES.get(0));
    this.second = hash(-7046029254386353131L, row).as(HASHES.get(1));
  }

  private static List<Column> aggregates() {
    Column first = col(HASHES.get(0));
    Column second = col(HASHES.get(1));
    return List.of(
        count(lit(1)).as(ROWS),
        sum(shiftright(first, 32)).as(SUMS.get(0)),
        sum(shiftright(shiftleft(first, 32), 32)).as(SUMS.get(1)),
        sum(shiftright(second, 32)).as(SUMS.get(2)),
        sum(shiftright(shiftleft(second, 32), 32)).as(SUMS.get(3)));
  }

  /**
   * What a dataset holds.
   *
   * @param rows how many rows
   * @param digest 64 hexadecimal digits
   */
  public record Content(long rows, String digest) {
    public Content {
      Objects.requireNonNull(digest);
    }
  }

  /**
   * The digest of rows of this schema.
   *
   * @throws dev.weir.error.WeirException {@code undigestable-column} for a column of a type that
   *     has no canonical form, such as VARIANT
   */
  public static ContentDigest of(StructType schema) {
    return new ContentDigest(schema);
  }

  /** The digest in a pass of its own, for rows that were written without being observed. */
  public static Content compute(Dataset<Row> rows) {
    ContentDigest digest = of(rows.schema());
    Row result = rows.select(digest.first, digest.second).agg(AGGREGATES.get(0), rest()).head();
    return digest.content(result);
  }

  /**
   * The same rows, whose aggregates are observed when they are read: five, named {@code weir_…}.
   *
   * <p>The hashes are columns of a projection beneath what is observed, since Spark fuses a
   * projection with what makes the rows, but interprets row by row what is observed itself.
   */
  Dataset<Row> observe(Dataset<Row> rows, Observation observation) {
    return rows.select(col("*"), first, second)
        .observe(observation, AGGREGATES.get(0), rest())
        .drop(HASHES.toArray(String[]::new));
  }

  private static Column[] rest() {
    return AGGREGATES.subList(1, AGGREGATES.size()).toArray(Column[]::new);
  }

  /** The content whose aggregates are in this row, found by name. */
  public Content content(Row aggregates) {
    long rows = aggregates.getLong(aggregates.fieldIndex(ROWS));
    List<String> lines = new ArrayList<>();
    lines.add("weir content 1");
    lines.add(schema);
    lines.add(Long.toString(rows));
    for (String name : SUMS) {
      int at = aggregates.fieldIndex(name);
      lines.add(aggregates.isNullAt(at) ? "0" : Long.toString(aggregates.getLong(at)));
    }
    return new Content(rows, Sha256.of(String.join("\n", lines)));
  }

  private static Column hash(long seed, List<Column> row) {
    List<Column> children = new ArrayList<>();
    children.add(lit(seed));
    children.addAll(row);
    return xxhash64(children.toArray(Column[]::new));
  }
}
