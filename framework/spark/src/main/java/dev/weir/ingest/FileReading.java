package dev.weir.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.row_number;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Reads the files of a manifest: exactly these, with what is malformed in a column of its own. */
final class FileReading {
  private static final String FILE = "__weir_file";
  private static final String BLOCK = "__weir_block";
  private static final String ORDER = "__weir_order";

  /** How much of a file is looked at before Spark reads it, in bytes. */
  private static final int LOOKED_AT = 1 << 18;

  /** A folder of a partitioned table, such as {@code year=2024}. */
  private static final Pattern PARTITION = Pattern.compile("/[^/=]+=[^/]*/");

  private final SparkSession spark;
  private final Configuration hadoop;
  private final Files files;
  private final Manifest manifest;

  FileReading(SparkSession spark, Configuration hadoop, Files files, Manifest manifest) {
    this.spark = spark;
    this.hadoop = hadoop;
    this.files = files;
    this.manifest = manifest;
  }

  /** The rows, under the names that the dataset has. */
  Dataset<Row> rows() {
    if (files.corruptColumn() != null) {
      requireText();
    }
    StructType schema = schema();
    DataFrameReader reader = reader();
    if (schema != null) {
      reader = reader.schema(schema);
    }
    Dataset<Row> rows = load(reader);
    List<String> names =
        ColumnNames.of(files, Arrays.asList(rows.columns()), files.corruptColumn());
    String position = files.position();
    if (position == null) {
      return rows.toDF(names.toArray(String[]::new));
    }
    ColumnNames.requireFree(position, names);
    return positioned(rows, names, position);
  }

  /**
   * Adds positions. Spark may split a file between tasks, and hands out splits by their size; but
   * within a split rows come in order, so (start of the split, order within the task) is the order
   * of the file.
   */
  private static Dataset<Row> positioned(Dataset<Row> rows, List<String> names, String position) {
    Dataset<Row> placed =
        rows.select(
            col("*"),
            col("_metadata.file_path"),
            col("_metadata.file_block_start"),
            monotonically_increasing_id());
    List<String> all = new ArrayList<>(names);
    all.addAll(List.of(FILE, BLOCK, ORDER));
    Column place =
        row_number()
            .over(Window.partitionBy(FILE).orderBy(BLOCK, ORDER))
            .cast(DataTypes.LongType)
            .minus(lit(1L));
    return placed
        .toDF(all.toArray(String[]::new))
        .withColumn(position, place)
        .drop(FILE, BLOCK, ORDER);
  }

  private DataFrameReader reader() {
    DataFrameReader reader =
        spark
            .read()
            .format(files.format().name().toLowerCase(Locale.ROOT))
            .options(files.sparkOptions());
    String base = partitionBase();
    return base == null ? reader : reader.option("basePath", base);
  }

  private Dataset<Row> load(DataFrameReader reader) {
    // The paths are files, whatever characters their names have. (Spark's own switch for that,
    // __globPaths__, reads every file once more for each such name.)
    return reader.load(manifest.paths().stream().map(FileReading::literal).toArray(String[]::new));
  }

  private static String literal(String path) {
    return path.replaceAll("[\\\\{}\\[\\]*?]", "\\\\$0");
  }

  /** The folder above the partition folders, if files lie in such. */
  private @Nullable String partitionBase() {
    String base = null;
    for (String path : manifest.paths()) {
      var matcher = PARTITION.matcher(path);
      if (!matcher.find()) {
        return null;
      }
      String found = path.substring(0, matcher.start());
      if (base != null && !base.equals(found)) {
        return null;
      }
      base = found;
    }
    return base;
  }

  /** Refuses what Spark would read as gibberish. */
  private void requireText() {
    for (Manifest.Entry file : manifest.files()) {
      String name = file.name();
      String head = head(file);
      String kind =
          head.startsWith("504b0304")
              ? "a zip archive"
              : head.startsWith("1f8b") && !name.toLowerCase(Locale.ROOT).endsWith(".gz")
                  ? "compressed by gzip, but its name does not end in .gz"
                  : head.startsWith("50415231") ? "a Parquet file" : null;
      if (kind != null) {
        throw WeirException.user(
            "not-text",
            "The file %s is not %s but %s."
                .formatted(name, files.format().name().toLowerCase(Locale.ROOT), kind),
            kind.startsWith("compressed")
                ? "Name it %s.gz.".formatted(name)
                : kind.startsWith("a zip") ? "Unpack it first." : "Set format: parquet.");
      }
      requireEncoded(file, files.format().name().toLowerCase(Locale.ROOT));
    }
  }

  /** A file's first bytes, up to four, in hexadecimal: they tell what it is. */
  private String head(Manifest.Entry file) {
    Path path = new Path(file.path());
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return HexFormat.of().formatHex(in.readNBytes(4));
    } catch (IOException e) {
      throw WeirExceptions.unreadable(path, e);
    }
  }

  /** A file's text as far as it is looked at before Spark reads it all. */
  private byte[] beginning(Manifest.Entry file) {
    Path path = new Path(file.path());
    try (InputStream in = CsvHeaders.open(hadoop, path)) {
      return in.readNBytes(LOOKED_AT);
    } catch (IOException e) {
      throw WeirExceptions.damaged(path, e);
    }
  }

  /**
   * Refuses what is not text in the encoding that it is read in. Spark would put a replacement
   * character for each wrong byte and go on.
   */
  private void requireEncoded(Manifest.Entry file, String kind) {
    String encoding =
        files.option("encoding") == null ? files.option("charset") : files.option("encoding");
    if (encoding != null) {
      return;
    }
    byte[] bytes = beginning(file);
    if (bytes.length >= 2
        && ((bytes[0] == (byte) 0xff && bytes[1] == (byte) 0xfe)
            || (bytes[0] == (byte) 0xfe && bytes[1] == (byte) 0xff))) {
      throw WeirException.data(
          "wrong-encoding",
          "The file %s is not in UTF-8: it begins as text in UTF-16 does.".formatted(file.name()),
          "Set the option encoding to UTF-16, or convert the file.");
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        throw WeirException.data(
            "not-text",
            "The file %s is not %s but binary: byte %,d of it is 0."
                .formatted(file.name(), kind, i + 1),
            "Have it delivered again, or set the format or the option encoding to what it is.");
      }
    }
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length + 1);
    // A character may go on after what is looked at.
    CoderResult result =
        StandardCharsets.UTF_8.newDecoder().decode(rest, text, bytes.length < LOOKED_AT);
    if (result.isError()) {
      int at = rest.position();
      long line = 1 + text.flip().chars().filter(c -> c == '\n').count();
      throw WeirException.data(
          "wrong-encoding",
          "The file %s is not in UTF-8: byte %,d of it, in line %,d, is 0x%02X, which no character there begins or goes on with."
              .formatted(file.name(), at + 1, line, bytes[at]),
          "Set the option encoding to what it is in, such as ISO-8859-1 or windows-1252, or have it delivered in UTF-8. With encoding: UTF-8 it is read as it is, each wrong byte as U+FFFD.");
    }
  }

  /** What to read as: null where the files say it themselves. */
  private @Nullable StructType schema() {
    StructType explicit = explicit();
    String corrupt = files.corruptColumn();
    if (corrupt == null) {
      return explicit;
    }
    StructType schema = files.hasHeader() ? underHeader(explicit) : explicit;
    if (schema == null) {
      schema = inferred();
    }
    List<StructField> fields = new ArrayList<>();
    for (StructField field : schema.fields()) {
      if (!field.name().equals(corrupt)) {
        fields.add(field);
      }
    }
    if (fields.isEmpty()) {
      throw WeirException.data(
          "no-records",
          "No record could be read from %s: a schema can't be inferred."
              .formatted(
                  String.join(", ", manifest.files().stream().map(Manifest.Entry::name).toList())),
          "Check that the format is %s, or give a schema."
              .formatted(files.format().name().toLowerCase(Locale.ROOT)));
    }
    fields.add(DataTypes.createStructField(corrupt, DataTypes.StringType, true));
    return DataTypes.createStructType(fields);
  }

  private @Nullable StructType explicit() {
    String ddl = files.schema();
    if (ddl == null) {
      return null;
    }
    StructType schema;
    try {
      schema = StructType.fromDDL(ddl);
    } catch (RuntimeException e) {
      throw badSchema(ddl, e);
    } catch (Exception e) {
      // Scala throws ParseException undeclared.
      throw badSchema(ddl, e);
    }
    return schema;
  }

  private static WeirException badSchema(String ddl, Exception e) {
    String reason = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
    return new WeirException(
        "bad-schema",
        dev.weir.error.ErrorKind.USER,
        "The schema '%s' is not a list of columns: %s".formatted(ddl, reason),
        "Write it like 'id bigint, income double'.",
        e);
  }

  /** Checks every file's header, and names the columns by it. */
  private StructType underHeader(@Nullable StructType explicit) {
    Map<String, String> options = new TreeMap<>(files.sparkOptions());
    List<List<String>> headers = new ArrayList<>();
    for (Manifest.Entry file : manifest.files()) {
      headers.add(CsvHeaders.read(hadoop, file, options));
    }
    List<String> expected;
    String against;
    if (explicit == null) {
      expected = headers.get(0);
      against = "that of " + manifest.files().get(0).name();
    } else {
      expected =
          Arrays.stream(explicit.fieldNames())
              .filter(name -> !name.equals(files.corruptColumn()))
              .toList();
      against = "the schema";
    }
    for (int i = 0; i < headers.size(); i++) {
      // A schema may name columns as the files do or as the dataset does.
      CsvHeaders.require(named(expected), named(headers.get(i)), manifest.files().get(i), against);
    }
    if (explicit != null) {
      List<StructField> fields = new ArrayList<>();
      int i = 0;
      for (StructField field : explicit.fields()) {
        if (!field.name().equals(files.corruptColumn())) {
          String found = headers.get(0).get(i++);
          boolean renamed = files.rename().containsKey(found);
          fields.add(
              DataTypes.createStructField(renamed ? found : field.name(), field.dataType(), true));
        }
      }
      return DataTypes.createStructType(fields);
    }
    StructField[] types = inferred().fields();
    List<StructField> fields = new ArrayList<>();
    for (int i = 0; i < expected.size(); i++) {
      fields.add(
          DataTypes.createStructField(
              expected.get(i),
              i < types.length ? types[i].dataType() : DataTypes.StringType,
              true));
    }
    return DataTypes.createStructType(fields);
  }

  private List<String> named(List<String> names) {
    return names.stream().map(name -> ColumnNames.one(files, name)).toList();
  }

  private StructType inferred() {
    DataFrameReader reader = reader();
    if (files.format() == Files.Format.CSV && files.option("inferSchema") == null) {
      reader = reader.option("inferSchema", "true");
    }
    try {
      return load(reader).schema();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // What Spark throws when there is not one record; Scala declares nothing.
      if (e.getClass().getSimpleName().equals("AnalysisException")
          || String.valueOf(e.getMessage()).contains("UNABLE_TO_INFER_SCHEMA")) {
        return new StructType();
      }
      throw FileReading.<RuntimeException>asIs(e);
    }
  }

  /** Throws an exception unchanged, whether or not it is checked. */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> RuntimeException asIs(Exception e) throws E {
    throw (E) e;
  }
}
