package dev.weir.quality;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.weir.data.SideRows;
import dev.weir.error.WeirException;
import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;

/**
 * Which rows are put aside: those that break a check which says so.
 *
 * <p>A write makes one table. The tasks that write what is accepted put the rest into files beside
 * it, of which the other table is made, so that the dataset is read once for both. Should that not
 * be known to be whole, as after a write that an earlier process made, the rest is selected by a
 * pass of its own.
 */
public final class Quarantine {
  /** The rules that a row broke. */
  static final String RULES = "broken_rules";

  /** The dataset version that it comes from. */
  static final String SOURCE = "source_version";

  /** The run that put it aside. */
  static final String RUN = "source_run";

  private static final List<String> COLUMNS = List.of(RULES, SOURCE, RUN);

  private final List<Probe> rules;

  private Quarantine(List<Probe> rules) {
    this.rules = rules;
  }

  /** Of the checks that are asked of a dataset. */
  static Quarantine of(List<Probe> probes) {
    return new Quarantine(
        probes.stream().filter(probe -> probe.onFailure() == OnFailure.QUARANTINE).toList());
  }

  /** Rows that were put aside, with their own columns alone. */
  public static Dataset<Row> own(Dataset<Row> aside) {
    return aside.drop(COLUMNS.toArray(String[]::new));
  }

  /** The checks by which rows are put aside. */
  List<Probe> rules() {
    return rules;
  }

  /** True for rows that are put aside, else false or null. */
  Column broken() {
    return rules.stream().map(Quarantine::broken).reduce(lit(false), Column::or);
  }

  private static Column broken(Probe rule) {
    Column broken = rule.broken();
    if (broken == null) {
      throw new IllegalStateException(rule.title() + " is no check of single rows");
    }
    return broken;
  }

  /** The rows that are accepted. */
  Dataset<Row> accepted(Dataset<Row> rows) {
    return rules.isEmpty() ? rows : rows.filter(not(coalesce(broken(), lit(false))));
  }

  /**
   * The rows that are accepted; whoever reads them puts the rest aside.
   *
   * @param side of the schema of {@link #aside}
   */
  Dataset<Row> accepted(Dataset<Row> rows, SideRows side, String source, String run) {
    Column rest = struct(columns(rows, source, run).toArray(Column[]::new));
    return rows.filter(coalesce(when(broken(), side.keep(rest)), lit(true)));
  }

  /**
   * The rows that are put aside, each with the rules that it broke and where it comes from.
   *
   * @param any whether there are any
   * @param source the version of the dataset
   */
  Dataset<Row> aside(Dataset<Row> rows, boolean any, String source, String run) {
    requireFree(rows, source);
    Dataset<Row> few = any ? rows.filter(broken()) : rows.limit(0);
    return few.select(columns(rows, source, run).toArray(Column[]::new));
  }

  private List<Column> columns(Dataset<Row> rows, String source, String run) {
    List<Column> columns = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      columns.add(col(Identifiers.quote(field.name())));
    }
    Column[] names =
        rules.stream().map(rule -> when(broken(rule), lit(rule.title()))).toArray(Column[]::new);
    columns.add(
        (names.length == 0 ? array().cast("array<string>") : array_compact(array(names)))
            .as(RULES));
    columns.add(lit(source).as(SOURCE));
    columns.add(lit(run).as(RUN));
    return columns;
  }

  private static void requireFree(Dataset<Row> rows, String source) {
    for (String column : COLUMNS) {
      if (Arrays.stream(rows.columns()).anyMatch(column::equalsIgnoreCase)) {
        throw WeirException.user(
            "quarantine-column",
            "%s has a column %s, and so have the rows that are put aside: it names what became of them."
                .formatted(source, column),
            "Give the column another name before the dataset is checked.");
      }
    }
  }
}
