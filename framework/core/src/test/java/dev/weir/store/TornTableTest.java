package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every way in which a part of a table's log may be lost. The table has a row for each of versions
 * 1 to 12, and checkpoints of versions 5 and 10.
 */
final class TornTableTest {
  private static final int LAST = 12;

  private final Path table;
  private final Path log;
  private final List<Store> stores = new ArrayList<>();

  TornTableTest(@TempDir Path folder) {
    this.table = folder.resolve("a table");
    this.log = table.resolve("_delta_log");
  }

  @BeforeEach
  void write() throws Exception {
    DeltaTable written = open();
    written.create(
        new TableDefinition(
            List.of(Column.required("n", ColumnType.LONG, "A number.")),
            Map.of("delta.checkpointInterval", "5")));
    for (long n = 1; n <= LAST; n++) {
      written.append(rows(n), Optional.of(new TransactionId("key", n)));
      if (n % 5 == 0) {
        await(checkpoint(n));
      }
      // Each is made from the one before.
      await(checksum(n));
    }
    close();
  }

  @AfterEach
  void close() {
    stores.forEach(Store::close);
    stores.clear();
  }

  /** The table as another process would open it. */
  private DeltaTable open() {
    Store store = Store.local();
    stores.add(store);
    return store.table(table);
  }

  /** Checkpoints and checksums are written in the background. */
  private static void await(Path file) throws InterruptedException {
    for (int i = 0; i < 3000 && !Files.exists(file); i++) {
      Thread.sleep(10);
    }
    assertThat(file).exists();
  }

  private static List<List<Object>> rows(long... numbers) {
    return LongStream.of(numbers).mapToObj(n -> List.<Object>of(n)).toList();
  }

  private static List<Long> numbers(TableSnapshot snapshot) {
    return snapshot.rows().stream().map(row -> row.number("n")).sorted().toList();
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  private Path commit(long version) {
    return log.resolve("%020d.json".formatted(version));
  }

  private Path checkpoint(long version) {
    return log.resolve("%020d.checkpoint.parquet".formatted(version));
  }

  private Path checksum(long version) {
    return log.resolve("%020d.crc".formatted(version));
  }

  /** The data file that the newest commit added. */
  private Path data() throws IOException {
    try (Stream<String> lines = Files.lines(commit(LAST))) {
      String add = lines.filter(line -> line.startsWith("{\"add\"")).findFirst().orElseThrow();
      return table.resolve(add.replaceAll(".*\"path\":\"([^\"]*)\".*", "$1"));
    }
  }

  private static void cut(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(content, content.length - 20));
  }

  private static void cutAfterLine(Path file, int lines) throws IOException {
    Files.write(file, Files.readAllLines(file).subList(0, lines));
  }

  private static void zero(Path file) throws IOException {
    Files.write(file, new byte[Math.toIntExact(Files.size(file))]);
  }

  private static void assertDamage(
      ThrowingCallable call, String code, Path file, String found, String remedy) {
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

  private void assertTorn(long version, String found) {
    assertDamage(
        () -> open().latest().rows(),
        "torn-commit",
        commit(version),
        found,
        "Restore it from a backup.");
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void aTornCommitIsNamed(long version) throws IOException {
    byte[] whole = Files.readAllBytes(commit(version));

    Files.write(commit(version), new byte[0]);
    assertTorn(version, "is empty");
    Files.writeString(commit(version), "\n\n");
    assertTorn(version, "is empty");

    Files.write(commit(version), whole);
    cut(commit(version));
    assertTorn(version, "breaks off in line 3");

    Files.write(commit(version), whole);
    zero(commit(version));
    assertTorn(version, "breaks off in line 1");

    Files.write(commit(version), whole);
    cutAfterLine(commit(version), 2);
    assertTorn(version, "holds 1 of the 2 actions that it says were written");
    cutAfterLine(commit(version), 1);
    assertTorn(version, "holds 0 of the 2 actions that it says were written");

    Files.write(commit(version), whole);
    assertThat(numbers(open().latest())).isEqualTo(upTo(LAST));
  }

  @Test
  void aCommitThatIsBrokenInItsMiddleIsNamed() throws IOException {
    List<String> lines = Files.readAllLines(commit(LAST));
    lines.set(1, lines.get(1).substring(5));
    Files.write(commit(LAST), lines);
    assertTorn(LAST, "breaks off in line 2");
  }

  @Test
  void theNewestCommitIsLookedAtWhenATableIsOpened() throws IOException {
    cutAfterLine(commit(LAST), 2);
    assertDamage(() -> open().latestVersion(), "torn-commit", commit(LAST), "holds", "Restore");
    assertDamage(() -> open().append(rows(13)), "torn-commit", commit(LAST), "holds", "Restore");
    assertDamage(
        () -> open().replace(rows(13), new TransactionId("key", 13)),
        "torn-commit",
        commit(LAST),
        "holds",
        "Restore");
  }

  @Test
  void aTornCommitIsNamedToWhoeverReadsCommitByCommit() throws IOException {
    cutAfterLine(commit(11), 2);
    assertDamage(
        () -> open().rowsBetween(9, LAST, List.of("n")),
        "torn-commit",
        commit(11),
        "holds 1 of the 2 actions",
        "Restore");
    assertDamage(
        () -> open().log().find(new TransactionId("key", 7)),
        "torn-commit",
        commit(11),
        "holds",
        "Restore");
  }

  @Test
  void whatIsSaidToBeDoneAboutTheNewestCommitHelps() throws IOException {
    cut(commit(LAST));
    assertThatThrownBy(() -> open().latest())
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e.remedy())
                    .contains(
                        "If there is none and it is the newest of its folder",
                        "move it elsewhere, with the .crc file of the same number: the table is then as it was one commit before."));
    Files.delete(commit(LAST));
    Files.delete(checksum(LAST));
    assertThat(numbers(open().latest())).isEqualTo(upTo(LAST - 1));
    assertThat(open().append(rows(LAST))).isEqualTo(LAST);
  }

  @Test
  void aCommitThatIsMissingAmongOthersIsNamed() throws IOException {
    Files.delete(commit(11));
    assertDamage(
        () -> open().latest(),
        "missing-commit",
        commit(11),
        "is missing: later ones are there.",
        "Restore it from a backup.");
    Files.delete(commit(8));
    assertDamage(
        () -> open().at(9), "missing-commit", commit(8), "is missing: later ones", "Restore");
  }

  @Test
  void commitsThatAreMissingAtTheEndAreNamedWhereTheirChecksumsStay() throws IOException {
    Files.delete(commit(11));
    Files.delete(commit(12));
    assertDamage(
        () -> open().latest(),
        "missing-commit",
        commit(11),
        "is missing: the log ends with commit 10, but there is a checksum of version 11",
        "move the .crc files after number 10 elsewhere: the table is then as it was at version 10.");
    assertDamage(() -> open().append(rows(11)), "missing-commit", commit(11), "is", "Restore");

    Files.deleteIfExists(checksum(11));
    Files.delete(checksum(12));
    assertThat(numbers(open().latest())).isEqualTo(upTo(10));
  }

  @Test
  void aVersionThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> open().at(20))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.code()).isEqualTo("version-unavailable");
              assertThat(e.text())
                  .contains("has no version 20: its latest is 12. Restore the folder");
            });
  }

  @Test
  void aTornCheckpointIsNamedAndDispensable() throws IOException {
    byte[] whole = Files.readAllBytes(checkpoint(10));
    for (int damage = 0; damage < 3; damage++) {
      byte[] content = whole.clone();
      if (damage == 0) {
        content = Arrays.copyOf(whole, whole.length / 2);
      } else if (damage == 1) {
        Arrays.fill(content, whole.length / 2, whole.length, (byte) 0);
      } else {
        Arrays.fill(content, 4, whole.length / 8, (byte) 77);
      }
      Files.write(checkpoint(10), content);
      assertDamage(
          () -> open().latest().rows(),
          "torn-checkpoint",
          checkpoint(10),
          "is not a whole Parquet file",
          "Move it elsewhere: the commits before it are all there");
      // An id that was never taken is looked for in the checkpoint, too.
      assertDamage(
          () -> open().append(rows(13), Optional.of(new TransactionId("another", 1))),
          "torn-checkpoint",
          checkpoint(10),
          "is not",
          "Move it elsewhere");
    }
    Files.delete(checkpoint(10));
    assertThat(numbers(open().latest())).isEqualTo(upTo(LAST));
  }

  @Test
  void aTornCheckpointWhoseCommitsAreGoneIsToBeRestored() throws IOException {
    cut(checkpoint(10));
    for (long version = 0; version < 10; version++) {
      Files.delete(commit(version));
    }
    Files.delete(checkpoint(5));
    assertDamage(
        () -> open().latest().rows(),
        "torn-checkpoint",
        checkpoint(10),
        "is not a whole Parquet file",
        "Restore it from a backup: the commits that it stands for are no longer there.");

    Files.delete(checkpoint(10));
    assertThatThrownBy(() -> open().latest())
        .isInstanceOfSatisfying(
            WeirException.class, e -> assertThat(e.code()).isEqualTo("missing-checkpoint"))
        .hasMessageContaining(
            "does not lead to version 12: its first commit is 10, and there is no checkpoint before it");
  }

  @Test
  void withoutACheckpointTheSameVersionIsReadFromTheCommits() throws IOException {
    Files.write(checkpoint(10), new byte[0]);
    assertSameVersion();
    Files.delete(checkpoint(10));
    assertSameVersion();
    Files.delete(checkpoint(5));
    assertSameVersion();
  }

  private void assertSameVersion() {
    TableSnapshot latest = open().latest();
    assertThat(latest.version()).isEqualTo(LAST);
    assertThat(latest.transactionVersion("key")).isEqualTo(OptionalLong.of(LAST));
    assertThat(numbers(latest)).isEqualTo(upTo(LAST));
  }

  @Test
  void hintsAndChecksumsThatAreTornChangeNothing() throws IOException {
    Path hint = log.resolve("_last_checkpoint");
    Files.writeString(hint, Files.readString(hint).substring(0, 10));
    assertSameVersion();
    Files.writeString(hint, "{\"version\":11,\"size\":3}");
    assertSameVersion();
    Files.write(hint, new byte[0]);
    assertSameVersion();
    Files.delete(hint);
    assertSameVersion();

    Files.write(checksum(12), Arrays.copyOf(Files.readAllBytes(checksum(12)), 100));
    assertSameVersion();
    Files.write(checksum(12), new byte[0]);
    assertSameVersion();
    assertThat(open().append(rows(13))).isEqualTo(13);
  }

  @Test
  void aDataFileThatIsCutOrMissingIsNamed() throws IOException {
    Path data = data();
    long bytes = Files.size(data);
    cut(data);
    String cut = "has %d bytes instead of %d".formatted(bytes - 20, bytes);
    assertDamage(() -> open().latest().rows(), "damaged-file", data, cut, "Restore it");
    assertDamage(
        () -> open().rowsBetween(11, 12, List.of("n")), "damaged-file", data, cut, "Restore it");

    Files.write(data, new byte[(int) bytes]);
    assertDamage(
        () -> open().latest().rows(), "damaged-file", data, "is not a whole", "Restore it");

    Files.delete(data);
    assertDamage(() -> open().latest().rows(), "damaged-file", data, "is missing", "Restore it");
    assertThat(numbers(open().at(11))).isEqualTo(upTo(11));
  }

  @Test
  void aWriteOfSparkThatIsCutIsNamed() throws IOException {
    List<String> commit =
        List.of(
            "{\"commitInfo\":{\"timestamp\":1,\"operation\":\"WRITE\",\"operationParameters\":{\"mode\":\"Overwrite\",\"partitionBy\":\"[]\"},\"operationMetrics\":{\"numFiles\":\"2\",\"numRemovedFiles\":\"1\",\"numOutputRows\":\"5\"}}}",
            "{\"add\":{\"path\":\"a.parquet\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,\"dataChange\":true,\"stats\":\"{\\\"numRecords\\\":5}\"}}",
            "{\"remove\":{\"path\":\"%s\",\"deletionTimestamp\":1,\"dataChange\":true}}"
                .formatted(Objects.requireNonNull(data().getFileName())));
    Path file = commit(13);
    Files.write(file, commit);
    // A file without rows was written and counted, and left out.
    assertThat(open().latestVersion()).isEqualTo(13);
    Files.write(file, commit.subList(0, 2));
    assertTorn(13, "names 0 of the 1 files that it says were removed");
    Files.write(file, commit.subList(0, 1));
    assertTorn(13, "names files with 0 of the 5 rows that it says were written");
  }
}
