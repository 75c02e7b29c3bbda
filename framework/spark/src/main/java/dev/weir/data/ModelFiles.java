package dev.weir.data;

import dev.weir.error.WeirException;
import dev.weir.store.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A fitted model as rows of files, and back. The files are what MLlib's own writer saves, so that a
 * model restored by hand loads with {@code PipelineModel.load} anywhere.
 *
 * <p>Two fits of the same model differ in file names, uids and timestamps: {@link Manifest#digest}
 * identifies files; what the model learned has the digest {@link CapturedModel#content}.
 */
public final class ModelFiles {
  /** The longest piece of a file in a row. */
  static final int PART_BYTES = 8 << 20;

  /** Below this size all rows are fetched at once. */
  private static final long AT_ONCE_BYTES = 64L << 20;

  /** A row per piece of at most 8 MiB; {@code part} counts from 0 and there are {@code parts}. */
  public static final StructType SCHEMA =
      new StructType()
          .add("path", DataTypes.StringType, false)
          .add("sha256", DataTypes.StringType, false)
          .add("bytes", DataTypes.LongType, false)
          .add("part", DataTypes.IntegerType, false)
          .add("parts", DataTypes.IntegerType, false)
          .add("content", DataTypes.BinaryType, false);

  private ModelFiles() {}

  /**
   * What identifies a model's files.
   *
   * @param digest the sha-256 of the lines {@code <sha-256> <path>} sorted by path, as {@code
   *     sha256sum} prints them
   * @param files how many there are
   * @param bytes their size together
   */
  public record Manifest(String digest, int files, long bytes) {}

  /**
   * Saves a model to a new folder under {@code scratch} and takes the digests of its files.
   *
   * @param scratch a folder that driver and executors reach, such as one under the home
   */
  public static CapturedModel capture(PipelineModel model, URI scratch, SparkSession spark) {
    ScratchFolder folder = ScratchFolder.under(scratch, spark.sparkContext().hadoopConfiguration());
    try {
      ModelStages.save(model, folder, spark);
      return new CapturedModel(folder, folder.list(), spark);
    } catch (IOException e) {
      folder.delete();
      throw new UncheckedIOException("Can't save a model under " + scratch, e);
    } catch (RuntimeException e) {
      folder.delete();
      throw e;
    }
  }

  /**
   * Loads a model from its rows. Every file is verified before any is read as a model, and only
   * classes of MLlib and of {@code allowed} are instantiated.
   *
   * @param rows the model's rows, of {@link #SCHEMA}, in any order; other columns are ignored
   * @param expected what was recorded when the model was captured
   * @param allowed classes and packages besides MLlib's, such as {@code com.example.ml}
   * @throws WeirException of kind data if a file is missing, changed or names a class that is not
   *     allowed
   */
  public static PipelineModel restore(
      Dataset<Row> rows, Manifest expected, URI scratch, SparkSession spark, List<String> allowed) {
    ScratchFolder folder = ScratchFolder.under(scratch, spark.sparkContext().hadoopConfiguration());
    boolean readLater = false;
    try {
      List<ModelFile> files = write(rows, expected, folder);
      ModelClasses.check(files, folder, allowed);
      PipelineModel model = ModelStages.load(folder, spark);
      readLater = ModelStages.readsLater(model);
      return model;
    } catch (IOException e) {
      throw new UncheckedIOException("Can't restore a model under " + scratch, e);
    } finally {
      if (readLater) {
        folder.deleteAtExit();
      } else {
        folder.delete();
      }
    }
  }

  /**
   * The digest of what a model is, from its rows, as {@link CapturedModel#content} is of the files.
   *
   * @param expected what was recorded when the model was captured
   * @throws WeirException of kind data if a file is missing or changed
   */
  static String content(Dataset<Row> rows, Manifest expected, URI scratch, SparkSession spark) {
    ScratchFolder folder = ScratchFolder.under(scratch, spark.sparkContext().hadoopConfiguration());
    try {
      return ModelContent.digest(write(rows, expected, folder), folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Can't read a saved model under " + scratch, e);
    } finally {
      folder.delete();
    }
  }

  /** What a model holds, from its rows; throws as {@link #content} does. */
  static ModelValues values(Dataset<Row> rows, Manifest expected, URI scratch, SparkSession spark) {
    ScratchFolder folder = ScratchFolder.under(scratch, spark.sparkContext().hadoopConfiguration());
    try {
      return ModelContent.values(write(rows, expected, folder), folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Can't read a saved model under " + scratch, e);
    } finally {
      folder.delete();
    }
  }

  private static List<ModelFile> write(Dataset<Row> rows, Manifest expected, ScratchFolder folder)
      throws IOException {
    Map<String, Writing> written = new TreeMap<>();
    Iterator<Row> ordered = ordered(rows, expected);
    Writing open = null;
    while (ordered.hasNext()) {
      Row row = ordered.next();
      String path = row.getString(0);
      if (open == null || !open.file.path().equals(path)) {
        if (open != null) {
          open.close();
        }
        safe(path);
        open = new Writing(new ModelFile(path, row.getString(1), row.getLong(2)), folder);
        if (written.put(path, open) != null) {
          throw damaged("Its file %s is there twice.".formatted(path));
        }
      }
      open.add(row.getInt(3), row.getAs(4));
    }
    if (open != null) {
      open.close();
    }
    List<ModelFile> files = new ArrayList<>();
    for (Writing writing : written.values()) {
      files.add(writing.verified());
    }
    String digest = ModelFile.digest(files);
    if (!digest.equals(expected.digest())) {
      throw damaged(
          "Its %d files have the digest %s, and %d with %s were recorded."
              .formatted(files.size(), digest, expected.files(), expected.digest()));
    }
    return files;
  }

  private static Iterator<Row> ordered(Dataset<Row> rows, Manifest expected) {
    Dataset<Row> pieces = rows.select("path", "sha256", "bytes", "part", "content");
    if (expected.bytes() > AT_ONCE_BYTES) {
      return pieces.orderBy("path", "part").toLocalIterator();
    }
    // No more is fetched than a whole model of that size has, whatever the table holds.
    long most = expected.files() + expected.bytes() / PART_BYTES + 1;
    List<Row> fetched = new ArrayList<>(pieces.limit(Math.toIntExact(most)).collectAsList());
    fetched.sort(
        Comparator.<Row, String>comparing(row -> row.getString(0))
            .thenComparing(row -> row.getInt(3)));
    return fetched.iterator();
  }

  /** Refuses a path that would leave the folder. */
  private static void safe(String path) {
    for (String step : path.split("/", -1)) {
      if (step.isEmpty() || step.equals(".") || step.equals("..") || path.contains(":")) {
        throw damaged("Its file '%s' would lie outside its folder.".formatted(path));
      }
    }
  }

  static WeirException damaged(String found) {
    return WeirException.data(
        "model-damaged",
        "The model's files are not those that were published. " + found,
        "Nothing of it was loaded. Train it again, or restore <home>/models/artifacts to a version from before the change.");
  }

  /** A file while it is written. */
  private static final class Writing {
    private final ModelFile file;
    private final OutputStream out;
    private final MessageDigest digest = Sha256.start();
    private int parts;
    private long bytes;
    private String found = "";

    Writing(ModelFile file, ScratchFolder folder) throws IOException {
      this.file = file;
      this.out = folder.create(file.path());
    }

    void add(int part, byte[] content) throws IOException {
      if (part != parts++) {
        throw damaged("Piece %d of its file %s is missing.".formatted(parts - 1, file.path()));
      }
      digest.update(content);
      bytes += content.length;
      out.write(content);
    }

    void close() throws IOException {
      out.close();
      found = Sha256.hex(digest);
    }

    ModelFile verified() {
      if (!found.equals(file.sha256()) || bytes != file.bytes()) {
        throw damaged(
            "Its file %s has %d bytes with sha-256 %s, and %d with %s were recorded."
                .formatted(file.path(), bytes, found, file.bytes(), file.sha256()));
      }
      return file;
    }
  }
}
