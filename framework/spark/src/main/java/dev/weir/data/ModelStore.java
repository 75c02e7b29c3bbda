package dev.weir.data;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.store.Column;
import dev.weir.store.ColumnType;
import dev.weir.store.ConflictException;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.TableDefinition;
import dev.weir.store.TransactionId;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * The files of fitted models, kept as rows of one Delta table: a model is one commit, and what is
 * read back is held against the digests of the facts.
 */
public final class ModelStore {
  private static final TableDefinition TABLE =
      new TableDefinition(
          List.of(
              Column.required("model", ColumnType.STRING, "The model's name, namespace.name."),
              Column.required("run", ColumnType.STRING, "The run that fitted it."),
              Column.required("stage", ColumnType.STRING, "The stage that fitted it."),
              Column.required(
                  "path", ColumnType.STRING, "The file's path below the model's folder."),
              Column.required("sha256", ColumnType.STRING, "The whole file's sha-256."),
              Column.required("bytes", ColumnType.LONG, "The whole file's length in bytes."),
              Column.required("part", ColumnType.INT, "Which part of the file this is, from 0."),
              Column.required("parts", ColumnType.INT, "How many parts the file has."),
              Column.required("content", ColumnType.BINARY, "The part's bytes.")),
          // Kernel knows no delta.setTransactionRetentionDuration: one key stays for each model
          // that
          // a stage trains, as it has to.
          Map.of(
              "delta.logRetentionDuration", "interval 3650 days",
              "delta.deletedFileRetentionDuration", "interval 3650 days",
              "delta.dataSkippingNumIndexedCols", "3"));

  private final DeltaTable table;
  private final URI scratch;
  private final List<String> allowed;

  /**
   * @param table the artifacts table, which need not be there yet
   * @param scratch a folder that executors reach
   * @param allowed classes and packages that models may name besides MLlib's
   */
  public ModelStore(DeltaTable table, URI scratch, List<String> allowed) {
    this.table = table;
    this.scratch = scratch;
    this.allowed = List.copyOf(allowed);
  }

  /**
   * The store of a home.
   *
   * @param allowed classes and packages that models may name besides MLlib's
   */
  public static ModelStore of(Home home, List<String> allowed) {
    return new ModelStore(home.table(Layout.ARTIFACTS), Layout.of(home).scratch(), allowed);
  }

  /**
   * What saving a model came to.
   *
   * @param adopted whether an earlier attempt of the run had committed it: what is kept is that
   *     attempt's fit, and the fact says so
   */
  public record Saved(Fact.ModelWritten written, boolean adopted) {}

  /**
   * Commits a fitted model as a candidate, or adopts the commit that has its key already.
   *
   * @param earlier the keys that the run's earlier processes saved the same model with; their
   *     writes must be fenced
   */
  public Saved save(
      WriteKey key,
      List<WriteKey> earlier,
      String port,
      ModelCandidate candidate,
      String stage,
      PipelineModel model,
      Dataset<Row> trainedOn) {
    ModelSignature signature = ModelSignature.of(model, trainedOn.schema());
    try (CapturedModel captured = ModelFiles.capture(model, scratch, trainedOn.sparkSession())) {
      ModelFiles.Manifest manifest = captured.manifest();
      List<List<@Nullable Object>> rows = new ArrayList<>();
      for (Row row : captured.rows().collectAsList()) {
        List<@Nullable Object> values =
            new ArrayList<>(Arrays.asList(candidate.name().toString(), candidate.run(), stage));
        for (int i = 0; i < row.size(); i++) {
          values.add(row.get(i));
        }
        rows.add(values);
      }
      String content = captured.content();
      Commit commit =
          committed(earlier)
              .orElseGet(() -> append(rows, new TransactionId(key.application(), key.version())));
      if (commit.adopted()) {
        // Two fits of the same model have files of different names and times.
        manifest = manifest(commit.version(), candidate);
        content =
            ModelFiles.content(
                rows(commit.version(), candidate, trainedOn.sparkSession()),
                manifest,
                scratch,
                trainedOn.sparkSession());
      }
      return new Saved(
          new Fact.ModelWritten(
              port,
              candidate.reference(),
              predictor(model),
              manifest.digest(),
              content,
              manifest.files(),
              manifest.bytes(),
              commit.version(),
              signature.json()),
          commit.adopted());
    }
  }

  private record Commit(long version, boolean adopted) {}

  /** What an earlier process of the run committed. */
  private Optional<Commit> committed(List<WriteKey> earlier) {
    if (earlier.isEmpty() || table.find().isEmpty()) {
      return Optional.empty();
    }
    Set<TransactionId> ids =
        earlier.stream()
            .map(key -> new TransactionId(key.application(), key.version()))
            .collect(Collectors.toSet());
    OptionalLong found =
        table.log().findLast(commit -> !Collections.disjoint(commit.transactions(), ids), -1);
    return found.isPresent() ? Optional.of(new Commit(found.getAsLong(), true)) : Optional.empty();
  }

  /** What identifies the files of a candidate as they were committed. */
  private ModelFiles.Manifest manifest(long version, ModelCandidate candidate) {
    List<ModelFile> files =
        rows(version, candidate, List.of("path", "sha256", "bytes", "part")).stream()
            .filter(row -> row.integer("part") == 0)
            .map(
                row -> new ModelFile(row.string("path"), row.string("sha256"), row.number("bytes")))
            .toList();
    return new ModelFiles.Manifest(
        ModelFile.digest(files), files.size(), files.stream().mapToLong(ModelFile::bytes).sum());
  }

  /** The files of a candidate, as rows of {@link ModelFiles#SCHEMA}. */
  private Dataset<Row> rows(long version, ModelCandidate candidate, SparkSession session) {
    List<String> columns = List.of("path", "sha256", "bytes", "part", "parts", "content");
    List<Row> rows =
        rows(version, candidate, columns).stream()
            .map(row -> RowFactory.create(row.values().toArray()))
            .toList();
    return session.createDataFrame(rows, ModelFiles.SCHEMA);
  }

  private List<dev.weir.store.Row> rows(
      long version, ModelCandidate candidate, List<String> columns) {
    // Only of that commit: a run that went on with other code has trained the model twice.
    return table.rowsOf(
        version,
        columns,
        List.of(
            Filter.equal("run", candidate.run()),
            Filter.equal("model", candidate.name().toString())));
  }

  private Commit append(List<List<@Nullable Object>> rows, TransactionId id) {
    table.create(TABLE);
    try {
      return new Commit(table.append(rows, Optional.of(id)), false);
    } catch (ConflictException e) {
      // An earlier attempt of this run committed, or a newer holder of the lease has taken over.
      OptionalLong found = table.log().find(id);
      if (found.isEmpty()) {
        throw new WeirException(
            "fenced",
            ErrorKind.USER,
            "%s refuses the model %s: a newer run holds the pipeline.".formatted(table, id.appId()),
            "Let that run finish, and run again if need be.",
            e);
      }
      return new Commit(found.getAsLong(), true);
    }
  }

  /**
   * Reads a model back; every file is verified before anything is made of it.
   *
   * @throws WeirException of kind data if a file is missing, changed or names a class that is not
   *     allowed
   */
  public PipelineModel load(Fact.ModelWritten written, SparkSession session) {
    ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(written.reference());
    return ModelFiles.restore(
        rows(written.artifactsVersion(), candidate, session),
        new ModelFiles.Manifest(written.digest(), written.files(), written.bytes()),
        scratch,
        session,
        allowed);
  }

  /**
   * The digest of what a model's files hold, as {@link Fact.ModelWritten#content} is; every file is
   * verified before.
   *
   * @throws WeirException of kind data if a file is missing or changed
   */
  public String content(Fact.ModelWritten written, SparkSession session) {
    ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(written.reference());
    return ModelFiles.content(
        rows(written.artifactsVersion(), candidate, session),
        new ModelFiles.Manifest(written.digest(), written.files(), written.bytes()),
        scratch,
        session);
  }

  /**
   * What a model's files hold, value by value; every file is verified before.
   *
   * @throws WeirException of kind data if a file is missing or changed
   */
  public ModelValues values(Fact.ModelWritten written, SparkSession session) {
    ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(written.reference());
    return ModelFiles.values(
        rows(written.artifactsVersion(), candidate, session),
        new ModelFiles.Manifest(written.digest(), written.files(), written.bytes()),
        scratch,
        session);
  }

  /** The class of the chain's last stage, which is what people call the model. */
  private static String predictor(PipelineModel model) {
    Transformer[] stages = model.stages();
    return stages.length == 0
        ? model.getClass().getName()
        : stages[stages.length - 1].getClass().getName();
  }
}
