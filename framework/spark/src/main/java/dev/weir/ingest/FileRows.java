package dev.weir.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.xxhash64;

import dev.weir.error.WeirException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Files that are read outside a run: as {@link Ingest} reads them, with nothing malformed. */
public final class FileRows {
  private FileRows() {}

  /**
   * Reads files that are not Delta tables.
   *
   * @param project the folder that relative paths stand against
   * @param known types of columns, which go before what the text of the files looks like
   * @throws WeirException {@code malformed-records} if any of the files' records is none of these
   *     columns and types, or what {@link Ingest} refuses
   */
  public static Dataset<Row> read(SparkSession spark, Files files, URI project, StructType known) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Manifest manifest = Manifest.find(hadoop, project, files.path());
    Dataset<Row> rows = new FileReading(spark, hadoop, files, manifest).rows();
    String corrupt = files.corruptColumn();
    if (corrupt == null) {
      return rows;
    }
    StructType schema = typed(rows.drop(corrupt).schema(), known);
    Files typed = files.withSchema(schema.toDDL());
    Dataset<Row> read = new FileReading(spark, hadoop, typed, manifest).rows();
    requireWellFormed(read, corrupt, schema, manifest);
    return read.drop(corrupt);
  }

  private static StructType typed(StructType found, StructType known) {
    Map<String, DataType> types = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (StructField field : known.fields()) {
      types.put(field.name(), field.dataType());
    }
    List<StructField> fields = new ArrayList<>();
    for (StructField field : found.fields()) {
      DataType type = types.getOrDefault(field.name(), field.dataType());
      fields.add(DataTypes.createStructField(field.name(), type, true));
    }
    return DataTypes.createStructType(fields);
  }

  private static void requireWellFormed(
      Dataset<Row> rows, String corrupt, StructType schema, Manifest manifest) {
    Column malformed = col("`" + corrupt + "`");
    // Spark finds fault only with columns that are asked for: the hash asks for all of them.
    Column[] all =
        Arrays.stream(schema.fieldNames())
            .map(name -> col("`" + name.replace("`", "``") + "`"))
            .toArray(Column[]::new);
    Row seen =
        rows.agg(count(malformed), first(malformed, true), max(xxhash64(all)))
            .collectAsList()
            .get(0);
    long faults = seen.getLong(0);
    if (faults > 0) {
      String names =
          String.join(", ", manifest.files().stream().map(Manifest.Entry::name).toList());
      throw WeirException.data(
          "malformed-records",
          "%d %s of %s %s malformed, such as '%s'."
              .formatted(
                  faults,
                  faults == 1 ? "record" : "records",
                  names,
                  faults == 1 ? "is" : "are",
                  seen.getString(1)),
          "Mend the file, or take them out; the columns are read as %s.".formatted(schema.toDDL()));
    }
  }
}
