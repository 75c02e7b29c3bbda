package dev.weir.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.config.Project;
import dev.weir.data.DatasetReader;
import dev.weir.data.ModelStore;
import dev.weir.data.Predictions;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.ingest.FileRows;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Published;
import dev.weir.ml.Models;
import dev.weir.session.SparkSessions;
import dev.weir.store.Home;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Scores a dataset or a file. */
final class PredictAction {
  private static final List<String> FORMATS = List.of("csv", "json", "parquet");

  private final PredictCommand command;
  private final PrintStream out;

  PredictAction(PredictCommand command, PrintStream out) {
    this.command = command;
    this.out = out;
  }

  int execute() throws IOException {
    Project project = command.workspace.project();
    URI location = command.workspace.home(project);
    String outFormat = format(command.out, null, "--out");
    Path target = target();
    FileSource file = command.in.startsWith("dataset:") ? null : file();
    SparkLog.ofCommand(project, location, "predict");
    try (HomeReader reader = HomeReader.open(location)) {
      Home home = reader.events().home();
      Published published = Published.of(home);
      Published.Model model = Models.find(published, command.model);
      Fact.DatasetWritten dataset = dataset(published);
      UserCode code = UserCode.of(project, command.workspace, command.spark.jars);
      code.install();
      SparkSession spark =
          SparkSessions.start("weir predict", RunAction.settings(project, command.spark, code));
      PipelineModel fitted =
          ModelStore.of(home, project.config().modelClasses()).load(model.written(), spark);
      Dataset<Row> rows =
          dataset == null
              ? Objects.requireNonNull(file).read(spark, model.written().signature())
              : new DatasetReader(spark)
                  .read(
                      dataset.path(),
                      ((DatasetVersion) ArtifactVersion.parse(dataset.reference())).version(),
                      dataset.tableId());
      long written = write(Predictions.score(fitted, rows, null), outFormat, target);
      out.println(
          "%s scored %s into %s"
              .formatted(model.reference(), Text.count(written, "row"), command.out));
      return ExitCode.DONE;
    }
  }

  private Fact.@Nullable DatasetWritten dataset(Published published) {
    if (!command.in.startsWith("dataset:")) {
      return null;
    }
    return DatasetChoice.find(published, DatasetChoice.parse(command.in));
  }

  /** The file to make, which may be made. */
  private Path target() {
    Path target = command.workspace.path(command.out);
    if (Files.exists(target) && !command.overwrite) {
      throw WeirException.user(
          "output-exists",
          "%s is there already.".formatted(target),
          "Name another file, or add --overwrite.");
    }
    Path parent = target.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw WeirException.user(
          "missing-folder", "There is no folder %s.".formatted(parent), "Make it first.");
    }
    return target;
  }

  private FileSource file() {
    Path path = command.workspace.path(command.in);
    if (!Files.exists(path)) {
      throw WeirException.user(
          "missing-file",
          "There is no file %s.".formatted(path),
          "Name a csv, json or parquet file, or a dataset as dataset:namespace.name.");
    }
    return new FileSource(path, format(command.in, command.format, "--in"));
  }

  /** A file to score, which is there. */
  private record FileSource(Path path, String format) {
    Dataset<Row> read(SparkSession spark, String signature) {
      String plain = hadoop(path);
      dev.weir.ingest.Files files =
          switch (format) {
            case "csv" -> dev.weir.ingest.Files.csv(plain);
            case "json" -> dev.weir.ingest.Files.json(plain);
            default -> dev.weir.ingest.Files.parquet(plain);
          };
      return FileRows.read(spark, files, path.toUri(), inputs(signature));
    }
  }

  /** The columns that a model was trained on and needs, where a file can hold them. */
  private static StructType inputs(String signature) {
    StructType inputs = new StructType();
    try {
      for (JsonNode input : new ObjectMapper().readTree(signature).path("inputs")) {
        DataType type = type(input.path("type").asText());
        inputs = type == null ? inputs : inputs.add(input.path("name").asText(), type);
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The model's signature is no JSON: " + signature, e);
    }
    return inputs;
  }

  private static @Nullable DataType type(String name) {
    try {
      return DataType.fromDDL(name);
    } catch (Exception e) {
      // Scala throws ParseException undeclared. A type of a library's own, such as a vector.
      return null;
    }
  }

  /** A local path as Hadoop takes it: not percent-encoded. */
  private static String hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri()).toString();
  }

  /** The format that a file's ending names, compression aside. */
  private static String format(String file, @Nullable String given, String option) {
    String format = given;
    if (format == null) {
      String name = file.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|bz2|zst)$", "");
      format = name.substring(name.lastIndexOf('.') + 1);
    }
    if (!FORMATS.contains(format)) {
      if (given != null) {
        throw WeirException.user(
            "unknown-format",
            "--format is '%s'".formatted(given) + Nearest.ending(given, FORMATS),
            "There are %s.".formatted(String.join(", ", FORMATS)));
      }
      throw WeirException.user(
          "unknown-format",
          "%s %s does not end in csv, json or parquet.".formatted(option, file),
          option.equals("--in") ? "Say which it is with --format." : "Give it such an ending.");
    }
    return format;
  }

  /** Writes one file: beside its place first, so that it is there whole or not at all. */
  private static long write(Dataset<Row> rows, String format, Path target) throws IOException {
    Dataset<Row> plain = format.equals("csv") ? flat(rows) : rows;
    Path folder = Files.createTempDirectory(target.getParent(), ".weir-predict-");
    try {
      org.apache.spark.sql.Observation count = new org.apache.spark.sql.Observation();
      DataFrameWriter<Row> writer =
          plain
              .observe(count, functions.count(functions.lit(1)).as("rows"))
              .coalesce(1)
              .write()
              .mode("overwrite")
              .format(format)
              .option("header", "true");
      if (format.equals("csv")) {
        // RFC 4180: a quote within quotes is doubled.
        writer = writer.option("escape", "\"");
      }
      writer.save(hadoop(folder));
      Path part;
      try (Stream<Path> files = Files.list(folder)) {
        part =
            files
                .filter(file -> String.valueOf(file.getFileName()).startsWith("part-"))
                .findFirst()
                .orElseThrow(() -> new IOException("Spark wrote no file into " + folder));
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try {
        return ((Number) Objects.requireNonNull(count.getAsJava().get("rows"))).longValue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("Interrupted after writing " + target, e);
      }
    } finally {
      delete(folder);
    }
  }

  /** A csv file has no lists: they become JSON. */
  private static Dataset<Row> flat(Dataset<Row> rows) {
    List<Column> columns = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      Column column = functions.col("`" + field.name().replace("`", "``") + "`");
      boolean nested =
          field.dataType() instanceof ArrayType
              || field.dataType() instanceof StructType
              || field.dataType() instanceof MapType;
      columns.add(nested ? functions.to_json(column).as(field.name()) : column);
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder, new FileVisitOption[0])) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
