package dev.weir.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of a fitted model, saved to a scratch folder that {@link #close} removes.
 *
 * @see ModelFiles#capture
 */
public final class CapturedModel implements AutoCloseable {
  /** Above this size the rows are read by the executors, below it by the driver at once. */
  private static final long DRIVER_BYTES = 64L << 20;

  private final ScratchFolder scratch;
  private final List<ModelFile> files;
  private final SparkSession spark;

  CapturedModel(ScratchFolder scratch, List<ModelFile> files, SparkSession spark) {
    this.scratch = scratch;
    this.files = files.stream().sorted(Comparator.comparing(ModelFile::path)).toList();
    this.spark = spark;
  }

  /** The files, by path. */
  public List<ModelFile> files() {
    return files;
  }

  /** The digest of what the model is, the same for a fit that learned the same. */
  public String content() {
    try {
      return ModelContent.digest(files, scratch);
    } catch (IOException e) {
      throw new UncheckedIOException("Can't read a saved model under " + scratch.uri(), e);
    }
  }

  /** What identifies the model's files, and what {@link ModelFiles#restore} asks for. */
  public ModelFiles.Manifest manifest() {
    return new ModelFiles.Manifest(
        ModelFile.digest(files), files.size(), files.stream().mapToLong(ModelFile::bytes).sum());
  }

  /** The files as rows of {@link ModelFiles#SCHEMA}; to be written before {@link #close}. */
  public Dataset<Row> rows() {
    List<Piece> pieces = new ArrayList<>();
    for (ModelFile file : files) {
      int parts =
          Math.max(1, Math.toIntExact(-Math.floorDiv(-file.bytes(), (long) ModelFiles.PART_BYTES)));
      IntStream.range(0, parts)
          .forEach(part -> pieces.add(new Piece(scratch.uri(file.path()), file, part, parts)));
    }
    if (manifest().bytes() <= DRIVER_BYTES) {
      return spark.createDataFrame(
          pieces.stream().map(piece -> piece.read(scratch.configuration())).toList(),
          ModelFiles.SCHEMA);
    }
    SerializableConfiguration configuration =
        new SerializableConfiguration(scratch.configuration());
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    FlatMapFunction<Piece, Row> read =
        piece -> List.of(piece.read(configuration.value())).iterator();
    return spark.createDataFrame(
        context.parallelize(pieces, pieces.size()).flatMap(read), ModelFiles.SCHEMA);
  }

  /** Removes the scratch folder. */
  @Override
  public void close() {
    scratch.delete();
  }

  /** A piece of a file, to be read where it is needed. */
  private record Piece(String uri, ModelFile file, int part, int parts)
      implements java.io.Serializable {
    Row read(org.apache.hadoop.conf.Configuration configuration) {
      long start = (long) part * ModelFiles.PART_BYTES;
      byte[] content =
          new byte[(int) Math.min(ModelFiles.PART_BYTES, Math.max(0, file.bytes() - start))];
      Path path = new Path(uri);
      try (FSDataInputStream in = path.getFileSystem(configuration).open(path)) {
        in.readFully(start, content);
      } catch (IOException e) {
        throw new UncheckedIOException("Can't read a saved model's file " + uri, e);
      }
      return RowFactory.create(file.path(), file.sha256(), file.bytes(), part, parts, content);
    }
  }
}
