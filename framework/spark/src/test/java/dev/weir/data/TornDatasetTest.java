package dev.weir.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.session.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark reads from a dataset whose log is damaged. Version n has n + 1 rows. */
final class TornDatasetTest {
  private static final int LAST = 4;

  @TempDir private static Path original;

  private final SparkSession spark = TestSpark.session().newSession();
  private final Path table;
  private final Path log;

  TornDatasetTest(@TempDir Path folder) {
    this.table = folder.resolve("a table");
    this.log = table.resolve("_delta_log");
  }

  private static Written write(SparkSession spark, Path table, int rows, int token) {
    return new DatasetWriter(spark)
        .write(
            spark.range(rows).toDF(),
            table.toString(),
            WriteKey.of("p", "s", "into", token),
            new WriteOrigin("r" + token, "s", 1));
  }

  @BeforeAll
  static void make() {
    SparkSession spark = TestSpark.session().newSession();
    for (int version = 0; version <= LAST; version++) {
      write(spark, original.resolve("t"), version + 1, version + 1);
      if (version == 2) {
        DeltaLog log = DeltaLog.forTable(spark, original.resolve("t").toString());
        log.checkpoint(log.unsafeVolatileSnapshot(), scala.Option.empty());
      }
    }
  }

  @BeforeEach
  void copy() throws Exception {
    try (Stream<Path> files = Files.walk(original.resolve("t"))) {
      for (Path file : files.toList()) {
        // Without the sums of Hadoop's local file system, which know of any damage.
        if (!file.getFileName().toString().startsWith(".")) {
          Files.copy(file, table.resolve(original.resolve("t").relativize(file)));
        }
      }
    }
  }

  private Path commit(int version) {
    return log.resolve("%020d.json".formatted(version));
  }

  private long count(int version) {
    DeltaLog.clearCache();
    return new DatasetReader(spark).read(table.toString(), version, null).collectAsList().size();
  }

  private void assertDamage(
      ThrowingCallable call, String code, Path file, String found, String remedy) {
    DeltaLog.clearCache();
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.kind()).isEqualTo(ErrorKind.DATA);
              assertThat(e.text()).contains("/" + file.getFileName() + " " + found);
              assertThat(e.remedy()).contains(remedy);
            });
  }

  /** Neither read nor written over. */
  private void assertDamage(String code, Path file, String found, String remedy) {
    assertDamage(() -> count(LAST), code, file, found, remedy);
    assertDamage(() -> write(spark, table, 9, 9), code, file, found, remedy);
  }

  @Test
  void aTornCommitIsNamed() throws Exception {
    List<String> lines = Files.readAllLines(commit(LAST));
    byte[] whole = Files.readAllBytes(commit(LAST));

    Files.write(commit(LAST), new byte[0]);
    assertDamage("torn-commit", commit(LAST), "is empty", "Restore it from a backup.");
    Files.write(commit(LAST), Arrays.copyOf(whole, whole.length - 20));
    assertDamage("torn-commit", commit(LAST), "breaks off in line", "Restore it");
    // Spark would read the rows of the version before, beside the new ones.
    Files.write(commit(LAST), lines.subList(0, lines.size() - 1));
    assertDamage("torn-commit", commit(LAST), "names 1 of the 2 files", "Restore it");
    // Spark would read the version before.
    Files.write(commit(LAST), lines.subList(0, 2));
    assertDamage("torn-commit", commit(LAST), "names files with 0 of the 5 rows", "Restore it");
    assertThat(count(LAST - 1)).isEqualTo(LAST);

    Files.write(commit(LAST), whole);
    assertThat(count(LAST)).isEqualTo(LAST + 1);
  }

  @Test
  void anEarlierCommitThatIsTornOrMissingIsNamed() throws Exception {
    Files.write(commit(3), Files.readAllLines(commit(3)).subList(0, 1));
    assertDamage("torn-commit", commit(3), "names files with 0 of the 4 rows", "Restore it");
    Files.delete(commit(3));
    assertDamage("missing-commit", commit(3), "is missing: later ones are there", "Restore it");
  }

  @Test
  void aTornCheckpointIsNamedAndDispensable() throws Exception {
    Path checkpoint = log.resolve("%020d.checkpoint.parquet".formatted(2));
    byte[] whole = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, Arrays.copyOf(whole, whole.length / 2));
    assertDamage(
        "torn-checkpoint",
        checkpoint,
        "breaks off",
        "Move it elsewhere: the commits before it are all there");

    // What is empty or gone is made up for by the commits: the same version.
    Files.write(checkpoint, new byte[0]);
    assertThat(count(LAST)).isEqualTo(LAST + 1);
    Files.delete(checkpoint);
    assertThat(count(LAST)).isEqualTo(LAST + 1);
    Files.writeString(log.resolve("_last_checkpoint"), "{\"vers");
    Files.writeString(log.resolve("%020d.crc".formatted(LAST)), "{\"table");
    assertThat(count(LAST)).isEqualTo(LAST + 1);
  }

  @Test
  void theNumberOfACommitThatWasLostIsNotTakenAgain() throws Exception {
    Files.delete(commit(LAST));
    assertDamage(
        () -> write(spark, table, 9, 9),
        "missing-commit",
        commit(LAST),
        "is missing: the log ends with commit 3, but there is a checksum of version 4",
        "move the .crc files after number 3 elsewhere");
    DeltaLog.clearCache();
    assertThatThrownBy(() -> count(LAST))
        .hasMessageEndingWith("has no version 4: its latest is 3.")
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("version-unavailable"));
  }

  @Test
  void rowsOfNoFileAreNoDamage() {
    write(spark, table, 0, 9);
    assertThat(count(LAST + 1)).isZero();
    new DatasetWriter(spark)
        .write(
            spark.range(10).repartition(4).filter("id = 3").toDF(),
            table.toString(),
            WriteKey.of("p", "s", "into", 10),
            new WriteOrigin("r10", "s", 1));
    assertThat(count(LAST + 2)).isEqualTo(1);
  }
}
