package dev.weir.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.store.Forgery;
import dev.weir.store.Home;
import dev.weir.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is changed in a home's files is found, and named. */
class TamperingTest {
  @TempDir static Path temporary;

  private static Path made;
  private static TestKeys keys;
  private static TestKeys others;
  private static AuditHead kept;

  private final Path home;

  TamperingTest(@TempDir Path folder) throws IOException {
    home = folder.resolve("home");
    try (Stream<Path> files = Files.walk(made)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            home.resolve(made.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  @BeforeAll
  static void make() throws IOException {
    keys = TestKeys.make(temporary, "audit");
    others = TestKeys.make(temporary, "other");
    made = temporary.resolve("home");
    AuditedHome.make(made, keys.key());
    kept = AuditedHome.verify(made, null, null).head();
  }

  /** Something that somebody does to the files of a home. */
  interface Tampering {
    void on(Path home) throws IOException;
  }

  private static Path audit(Path home) {
    return home.resolve("lineage/audit");
  }

  private static Path events(Path home) {
    return home.resolve("lineage/events");
  }

  private static int index(List<String> columns, String column) {
    return columns.indexOf(column);
  }

  /** Changes the value of a column in the row of a number. */
  /** A hash that begins with another digit. */
  private static Object another(Object hash) {
    String was = hash.toString();
    return (was.startsWith("0") ? "1" : "0") + was.substring(1);
  }

  private static Tampering rowChanged(long number, String column, UnaryOperator<Object> change) {
    return home ->
        assertThat(
                Forgery.rewrite(
                    audit(home),
                    (columns, rows) ->
                        rows.stream()
                            .map(
                                row -> {
                                  List<Object> forged = new ArrayList<>(row);
                                  if (row.get(0).equals(number)) {
                                    int at = index(columns, column);
                                    forged.set(at, change.apply(row.get(at)));
                                  }
                                  return forged;
                                })
                            .toList()))
            .isEqualTo(1);
  }

  private static Tampering eventChanged(String kind, String column, UnaryOperator<Object> change) {
    return home ->
        assertThat(
                Forgery.rewrite(
                    events(home),
                    (columns, rows) ->
                        rows.stream()
                            .map(
                                row -> {
                                  List<Object> forged = new ArrayList<>(row);
                                  if (row.get(1).equals(kind)) {
                                    int at = index(columns, column);
                                    forged.set(at, change.apply(row.get(at)));
                                  }
                                  return forged;
                                })
                            .toList()))
            .isEqualTo(1);
  }

  private static Arguments tampering(String name, String code, String found, Tampering tampering) {
    return arguments(name, code, found, tampering);
  }

  private static Object later(Object at) {
    return ((Instant) at).plusMillis(1);
  }

  static Stream<Arguments> tamperings() {
    String four = "4 \\(alias-moved, \\S+Z\\)";
    return Stream.of(
        tampering(
            "a number",
            "row-moved",
            "Row 14 \\(alias-moved, \\S+\\) stands in another's place: by its hash it was row 4\\.",
            rowChanged(4, "number", n -> 14L)),
        tampering(
            "a moment",
            "row-altered",
            "Row "
                + four
                + " was altered: its values don't give its hash, which the row after it confirms\\.",
            rowChanged(4, "at", TamperingTest::later)),
        tampering(
            "a kind",
            "row-altered",
            "Row 3 \\(rejected, .* was altered: .*",
            rowChanged(3, "kind", kind -> "rejected")),
        tampering(
            "a body",
            "row-altered",
            "Row 3 \\(approved, .* was altered: .*",
            rowChanged(3, "body", body -> body.toString().replace("APPROVED", "REJECTED"))),
        tampering(
            "the hash before",
            "row-altered",
            "Row " + four + " was altered: .*",
            rowChanged(4, "previous_hash", TamperingTest::another)),
        tampering(
            "a hash",
            "row-altered",
            "The hash of row " + four + " was altered: its values give [0-9a-f]{64}, .*",
            rowChanged(4, "hash", hash -> hash.toString().replaceFirst("^.", "x"))),
        tampering(
            "the last hash",
            "row-altered",
            "Row 7 \\(seal, .* was altered: .*",
            rowChanged(7, "hash", hash -> Hash.NONE.hex())),
        tampering(
            "a version",
            "row-altered",
            "Row " + four + " was altered: .*",
            rowChanged(4, "events_version", version -> 99L)),
        tampering(
            "who",
            "row-altered",
            "Row " + four + " was altered: .*",
            rowChanged(4, "sealed_by", by -> "eve")),
        tampering(
            "where",
            "row-altered",
            "Row " + four + " was altered: .*",
            rowChanged(4, "host", host -> "boat")),
        tampering(
            "a signature",
            "signature-wrong",
            "The signature of row 5 \\(seal, .* is not that of its hash by the key given\\.",
            rowChanged(
                5,
                "signature",
                text -> text.toString().replaceFirst("^.", "/").replaceFirst("^/(.)", "//"))),
        tampering(
            "a signature by another key",
            "signature-wrong",
            "The signature of row 7 \\(seal, .* is not that of its hash by the key given\\.",
            home -> rowChanged(7, "signature", text -> others.key().sign(kept.hash())).on(home)),
        tampering(
            "a signature taken out",
            "signature-missing",
            "Row 5 \\(seal, .* was signed and bears no signature\\.",
            rowChanged(5, "signature", text -> null)),
        tampering(
            "a signature put in",
            "signature-wrong",
            "Row " + four + " bears a signature, and was not signed\\.",
            rowChanged(4, "signature", text -> "abcd")),
        tampering(
            "a row taken out",
            "row-missing",
            "Row 3 is missing: the chain goes on with row 4\\.",
            home -> Forgery.rewrite(audit(home), (columns, rows) -> without(rows, 3))),
        tampering(
            "a row put in",
            "row-inserted",
            "The chain has row 4 more than once: 4 .*",
            home ->
                Forgery.rewrite(
                    audit(home),
                    (columns, rows) -> {
                      rows.stream()
                          .filter(row -> row.get(0).equals(4L))
                          .findFirst()
                          .ifPresent(row -> rows.add(row));
                      return rows;
                    })),
        tampering(
            "two rows in each other's place",
            "row-moved",
            "Row 3 \\(alias-moved, .* stands in another's place: by its hash it was row 4\\.",
            home ->
                Forgery.rewrite(
                    audit(home),
                    (columns, rows) ->
                        rows.stream()
                            .map(
                                row -> {
                                  List<Object> forged = new ArrayList<>(row);
                                  if (row.get(0).equals(3L) || row.get(0).equals(4L)) {
                                    forged.set(0, 7L - (Long) row.get(0));
                                  }
                                  return forged;
                                })
                            .toList())),
        tampering(
            "a row altered and its hash made anew",
            "row-unlinked",
            "Row "
                + four
                + " does not follow row 3 .*: that has hash \\S+, and another stood before it\\.",
            home ->
                Forgery.rewrite(
                    audit(home),
                    (columns, rows) ->
                        rows.stream()
                            .map(
                                row ->
                                    row.get(0).equals(3L)
                                        ? rehashed(row, row.get(3).toString().replace("ada", "eve"))
                                        : row)
                            .toList())),
        tampering(
            "the last rows taken out",
            "row-missing",
            "Rows 6 to 7 are missing: the table's log says that row 7 was put in\\.",
            home ->
                Forgery.rewrite(
                    audit(home),
                    (columns, rows) ->
                        rows.stream().filter(row -> (Long) row.get(0) < 6).toList())),
        tampering(
            "the last commit taken away",
            "row-missing",
            "Rows 6 to 7 are missing: the head 7:[0-9a-f]{64} was kept, and the chain ends before it\\.",
            home -> Forgery.cutNewestCommit(audit(home))),
        tampering(
            "the last commit taken away, seen from the events",
            "unsealed",
            "The chain does not cover 1 events that it should, the first of them model-retired outside of any run at \\S+\\.",
            home -> Forgery.cutNewestCommit(audit(home))),
        tampering(
            "an event's body",
            "event-altered",
            "The event model-reviewed outside of any run at \\S+ was altered: row 5 of the chain seals another\\.",
            eventChanged("model-reviewed", "body", body -> body.toString().replace("ada", "eve"))),
        tampering(
            "an event's moment",
            "event-altered",
            "The event run-finished of run r1 at (\\S+) was altered: row 2 of the chain seals another, run-finished of run r1 at (?!\\1)\\S+\\.",
            eventChanged("run-finished", "at", TamperingTest::later)),
        tampering(
            "an event's kind",
            "event-altered",
            "The event run-halted of run r1 at \\S+ was altered: row 2 .* another, run-finished of run r1 at \\S+\\.",
            eventChanged("run-finished", "kind", kind -> "run-halted")),
        tampering(
            "an event's run",
            "event-altered",
            "The event run-finished of run r2 at \\S+ was altered: row 2 .*",
            eventChanged("run-finished", "run", run -> "r2")),
        tampering(
            "an event's stage",
            "event-altered",
            "The event stage-finished of run r1 at \\S+ \\(stage other\\) was altered: row 2 .*",
            eventChanged("stage-finished", "stage", stage -> "other")),
        tampering(
            "an event's attempt",
            "event-altered",
            "The event stage-finished of run r1 at \\S+ \\(stage train\\) was altered: row 2 .*",
            eventChanged("stage-finished", "attempt", attempt -> 2)),
        tampering(
            "an event's pipeline",
            "event-altered",
            "The event run-started of run r1 at \\S+ was altered: row 2 .*",
            eventChanged("run-started", "pipeline", pipeline -> "u")),
        tampering(
            "an event taken out",
            "event-removed",
            "The event alias-moved outside of any run at \\S+ was removed: row 5 of the chain seals it\\.",
            home ->
                Forgery.rewrite(
                    events(home),
                    (columns, rows) ->
                        rows.stream().filter(row -> !row.get(1).equals("alias-moved")).toList())),
        tampering(
            "an event put in",
            "event-added",
            "The event run-finished of run r0 at \\S+ was added: no row of the chain seals it, and it is older than the last\\.",
            home ->
                Forgery.rewrite(
                    events(home),
                    (columns, rows) -> {
                      List<List<Object>> more = new ArrayList<>(rows);
                      if (rows.size() == 3) {
                        List<Object> added = new ArrayList<>(rows.get(2));
                        added.set(3, "r0");
                        more.add(added);
                      }
                      return more;
                    })),
        tampering(
            "the newest events taken away",
            "events-behind",
            "The chain covers version 4 of lineage/events, which ends with version 3\\.",
            home -> Forgery.cutNewestCommit(events(home))),
        tampering(
            "a byte of a model's file",
            "model-file-altered",
            "The file data/part-0 of model:t\\.model@1 \\(candidate:t\\.model@r1\\) was altered: it has 7 bytes with sha-256 \\S+, and 7 with \\S+ were written\\.",
            home ->
                Forgery.rewrite(
                    home.resolve("models/artifacts"),
                    (columns, rows) ->
                        rows.stream()
                            .map(
                                row -> {
                                  List<Object> forged = new ArrayList<>(row);
                                  if (new String((byte[]) row.get(8), StandardCharsets.UTF_8)
                                      .equals("one")) {
                                    forged.set(8, "onf".getBytes(StandardCharsets.UTF_8));
                                  }
                                  return forged;
                                })
                            .toList())),
        tampering(
            "a model's file and its sha-256",
            "model-altered",
            "The files of model:t\\.model@1 .* are not those that were recorded: there are 2 files of 9 bytes, and 2 of 9 with digest \\S+ were\\.",
            home ->
                Forgery.rewrite(
                    home.resolve("models/artifacts"),
                    (columns, rows) ->
                        rows.stream()
                            .map(
                                row -> {
                                  List<Object> forged = new ArrayList<>(row);
                                  if (row.get(3).equals("metadata")) {
                                    forged.set(8, "[]".getBytes(StandardCharsets.UTF_8));
                                    forged.set(4, Sha256.of("[]"));
                                  }
                                  return forged;
                                })
                            .toList())),
        tampering(
            "a model's commit taken away",
            "model-unreadable",
            "The files of model:t\\.model@1 .* can't be read: .*",
            home -> Forgery.cutNewestCommit(home.resolve("models/artifacts"))),
        tampering(
            "a dataset's file taken away",
            "dataset-unreadable",
            "dataset:t\\.rows@1, pinned for model:t\\.model@1, can't be read: \\S+\\.parquet is gone\\.",
            home -> Files.delete(Forgery.dataFiles(home.resolve("datasets/t/rows")).get(0))),
        tampering(
            "a dataset's file cut",
            "dataset-unreadable",
            "dataset:t\\.rows@1, pinned for model:t\\.model@1, can't be read: \\S+\\.parquet has \\d+ bytes instead of \\d+\\.",
            home -> {
              Path file = Forgery.dataFiles(home.resolve("datasets/t/rows")).get(0);
              byte[] bytes = Files.readAllBytes(file);
              Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
            }),
        tampering(
            "a dataset's commit taken away",
            "dataset-unreadable",
            "dataset:t\\.rows@1, pinned for model:t\\.model@1, can't be read: .* version 1.*\\.",
            home -> Forgery.cutNewestCommit(home.resolve("datasets/t/rows"))),
        tampering(
            "the chain taken away",
            "unsealed",
            "The chain does not cover 4 events that it should, the first of them .*",
            home -> deleteAll(audit(home))));
  }

  private static List<List<Object>> without(List<List<Object>> rows, long number) {
    return rows.stream().filter(row -> !row.get(0).equals(number)).toList();
  }

  private static List<Object> rehashed(List<Object> row, String body) {
    List<Object> forged = new ArrayList<>(row);
    forged.set(3, body);
    forged.set(
        5,
        new AuditRow.Hasher()
            .of(
                (Long) row.get(0),
                (String) row.get(4),
                AuditRow.micros((Instant) row.get(1)),
                (String) row.get(2),
                (Long) row.get(6),
                (String) row.get(7),
                (String) row.get(8),
                body)
            .hex());
    return forged;
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tamperings")
  void whatIsChangedIsNamed(String name, String code, String found, Tampering tampering)
      throws IOException {
    tampering.on(home);

    AuditReport report = AuditedHome.verify(home, kept, keys.publicKey());

    assertThat(report.intact()).isFalse();
    assertThat(report.findings())
        .as(name)
        .anySatisfy(
            finding -> {
              assertThat(finding.code()).isEqualTo(code);
              assertThat(finding.found()).matches(found);
              assertThat(finding.remedy()).isNotEmpty();
            });
    // One thing was done: what follows from it fills no pages.
    assertThat(report.findings()).as(name).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void whatIsLeftAloneIsIntact() {
    AuditReport report = AuditedHome.verify(home, kept, keys.publicKey());

    assertThat(report.findings()).isEmpty();
    assertThat(report.head()).isEqualTo(kept);
    assertThat(report).isEqualTo(new AuditReport(kept, 7, 3, 3, 7, 0, 1, 2, 1, 0, List.of()));
  }

  @Test
  void aHeadThatWasKeptIsHeldAgainstTheRowItNames() {
    AuditHead other = new AuditHead(5, Hash.NONE.hex(), null);

    assertThat(AuditedHome.verify(home, other, null).findings())
        .extracting(Finding::text)
        .singleElement()
        .asString()
        .matches(
            "Row 5 \\(seal, \\S+Z\\) has hash [0-9a-f]{64}, and 0{64} was kept\\. The chain was made anew up to there since\\. Restore lineage/audit from a backup\\.");
  }

  @Test
  void rowsThatNobodySignedAreNamedWhereAKeyIsGiven() throws IOException {
    try (Home opened = Home.open(home)) {
      Events events = Events.open(opened);
      events.append(List.of(AuditedHome.approved("model:t.model@2", 8)));
      AuditChain.of(events, Optional.empty()).extend();
    }

    assertThat(AuditedHome.verify(home, kept, null).findings()).isEmpty();
    assertThat(AuditedHome.verify(home, kept, keys.publicKey()).findings())
        .extracting(Finding::found)
        .containsExactly("Rows 8 to 9 are under no signature.");
  }

  @Test
  void whatSomebodyDeletedOrReleasedIsNotMissed() throws IOException {
    Files.delete(Forgery.dataFiles(home.resolve("datasets/t/rows")).get(0));
    try (Home opened = Home.open(home)) {
      Events events = Events.open(opened);
      events.append(
          List.of(
              new Fact.FilesDeleted(
                  Instant.now(),
                  AuditedHome.ADA,
                  "t.rows",
                  "datasets/t/rows",
                  opened.table("datasets/t/rows").latest().tableId(),
                  List.of(1L),
                  1,
                  100,
                  "no room")));
    }

    AuditReport report = AuditedHome.verify(home, kept, null);

    assertThat(report.findings()).isEmpty();
    assertThat(report.pinned()).isZero();
    assertThat(report.deleted()).isEqualTo(1);
    assertThat(report.unsealedEvents()).isEqualTo(1);
  }
}
