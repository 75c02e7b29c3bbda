package dev.weir.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.session.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetReaderTest {
  private final SparkSession spark = TestSpark.session();
  private final DatasetReader reader = new DatasetReader(spark);

  private final Path folder;

  DatasetReaderTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Written write(String table, int rows, int token) {
    return new DatasetWriter(spark)
        .write(
            spark.range(rows).toDF(),
            table,
            WriteKey.of("p", "s", "into", token),
            new WriteOrigin("r" + token, "s", 1));
  }

  private static void assertRefused(ThrowingCallable call, String code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(WeirException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void readsTheVersionThatWasPinned() {
    String table = folder.resolve("t").toString();
    String id = write(table, 1, 1).tableId();
    write(table, 2, 2);

    assertThat(reader.read(table, 0, id).count()).isEqualTo(1);
    assertThat(reader.read(table, 1, null).count()).isEqualTo(2);
  }

  @Test
  void refusesAVersionThatIsNotYet() {
    String table = folder.resolve("t").toString();
    write(table, 1, 1);

    assertRefused(
        () -> reader.read(table, 3, null),
        "version-unavailable",
        "The table at " + table + " has no version 3: its latest is 0.");
  }

  @Test
  void refusesAVersionWhoseLogIsGone() throws Exception {
    String table = folder.resolve("t").toString();
    for (int i = 0; i < 12; i++) {
      write(table, i + 1, i + 1);
    }
    assertThat(Path.of(table, "_delta_log", "00000000000000000010.checkpoint.parquet")).exists();
    for (int i = 0; i < 10; i++) {
      Files.delete(Path.of(table, "_delta_log", "%020d.json".formatted(i)));
    }

    assertRefused(
        () -> reader.read(table, 3, null),
        "version-unavailable",
        "The table at " + table + " can no longer be read at version 3 (its latest is 11): ");
    assertThat(reader.read(table, 11, null).count()).isEqualTo(12);
  }

  @Test
  void refusesAVersionBeyondWhatDeltaKeeps() {
    String table = folder.resolve("t").toString();
    write(table, 1, 1);
    write(table, 2, 2);
    spark.sql(
        "alter table delta.`%s` set tblproperties ('delta.deletedFileRetentionDuration' = 'interval 0 hours')"
            .formatted(table));

    assertRefused(
        () -> reader.read(table, 0, null),
        "version-unavailable",
        "can no longer be read at version 0 (its latest is 2): ");
  }

  @Test
  void refusesAnotherTableAtThePath() {
    String table = folder.resolve("t").toString();
    String id = write(table, 1, 1).tableId();

    assertRefused(
        () -> reader.read(table, 0, "another"),
        "table-replaced",
        "version 0 was pinned in table another, but table " + id + " stands there now.");
  }

  @Test
  void refusesWhereThereIsNoTable() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("a.csv"), "a\n");

    assertRefused(
        () -> reader.read(folder.resolve("none").toString(), 0, null),
        "not-a-delta-table",
        "There is no Delta table at " + folder.resolve("none"));
    assertRefused(
        () -> reader.read(other.toString(), 0, null),
        "not-a-delta-table",
        "There is no Delta table");
  }
}
