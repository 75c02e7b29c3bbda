package dev.weir.feature;

import dev.weir.artifact.DatasetName;
import dev.weir.config.Help;
import dev.weir.error.WeirException;
import dev.weir.ingest.Manifest;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Outside;
import dev.weir.pipeline.OutsideReader;
import dev.weir.pipeline.StageContext;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Makes a dataset from others by one SQL query.
 *
 * <p>The query sees an input {@code credit.clean} as {@code credit.clean}, as {@code credit_clean}
 * and, where no other input is called so, as {@code clean}; it sees nothing else. The run's
 * parameters stand in it as {@code :name}.
 *
 * @param from what the query reads
 * @param into what it makes
 * @param statement the query, or null if it is in a file
 * @param file where the query is, or null; a relative path stands against the project's folder
 */
@Help("Makes a dataset from others by one SQL query.")
public record Sql(
    @Help("The datasets that the query reads.") List<Input> from,
    @Help("The dataset that it makes.") Output into,
    @Help("The query.") @Nullable String statement,
    @Help("The file that the query is in, instead of statement.") @Nullable String file)
    implements OutsideReader {
  public Sql {
    from = List.copyOf(from);
    Objects.requireNonNull(into);
    if ((statement == null) == (file == null)) {
      throw new IllegalArgumentException("Give either statement or file");
    }
    if (statement != null && statement.isBlank()) {
      throw new IllegalArgumentException("statement is empty");
    }
    Set<DatasetName> names = new HashSet<>();
    for (Input input : from) {
      if (!names.add(input.name())) {
        throw new IllegalArgumentException(
            "from has %s twice: a query could not tell them apart".formatted(input.name()));
      }
    }
  }

  /** A query over one dataset. */
  public Sql(Input from, Output into, SqlText query) {
    this(List.of(from), into, query.statement(), query.file());
  }

  /** A query over several datasets. */
  public Sql(List<Input> from, Output into, SqlText query) {
    this(from, into, query.statement(), query.file());
  }

  /** A query in a file, to be imported statically. */
  public static SqlText file(String path) {
    return SqlText.file(path);
  }

  /** A query as it is, to be imported statically. */
  public static SqlText statement(String sql) {
    return SqlText.statement(sql);
  }

  @Override
  public List<Fact.OutsideFile> pin(Outside outside) {
    if (file == null) {
      return List.of();
    }
    Manifest manifest = Manifest.find(outside, List.of(file));
    if (manifest.files().size() != 1) {
      throw WeirException.user(
          "not-one-file",
          "'%s' is %d files.".formatted(file, manifest.files().size()),
          "Name one.");
    }
    return manifest.outside();
  }

  @Override
  public void run(StageContext context) {
    String text = statement == null ? read(context) : statement;
    Map<DatasetName, Dataset<Row>> inputs = new LinkedHashMap<>();
    for (Input input : from) {
      inputs.put(input.name(), context.read(input));
    }
    String where = file == null ? "The statement" : file;
    context.write(into, new Query(context.spark(), where, text, context.params(), inputs).rows());
  }

  private static String read(StageContext context) {
    Manifest manifest = Manifest.pinned(context.settings().sources());
    manifest.reads("file").forEach(context::readOutside);
    return new String(
        manifest.only(context.spark().sparkContext().hadoopConfiguration()),
        StandardCharsets.UTF_8);
  }
}
