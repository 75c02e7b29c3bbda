package dev.weir.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.store.Column;
import dev.weir.store.ColumnType;
import dev.weir.store.Filter;
import dev.weir.store.Forgery;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.TableDefinition;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class AuditChainTest {
  private static final String HALT_AT = "weir.test.halt-at";

  private final Path folder;

  AuditChainTest(@TempDir Path folder) {
    this.folder = folder.resolve("a home");
  }

  private static AuditChain chain(Events events) {
    return AuditChain.of(events, Optional.empty());
  }

  private static List<AuditRow> rows(Home home) {
    return home.table(AuditTable.PATH).latest().rows().stream()
        .map(AuditRow::of)
        .sorted(Comparator.comparingLong(AuditRow::number))
        .toList();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static long micros(Instant at) {
    return at.getEpochSecond() * 1_000_000 + at.getNano() / 1000;
  }

  private static List<Fact.Deed> deeds(String name, int count) {
    List<Fact.Deed> deeds = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      deeds.add(AuditedHome.approved("model:" + name + "@" + i, i));
    }
    return deeds;
  }

  @Test
  void theRowsAreThoseThatTheDefinitionGives() throws Exception {
    TestKeys keys = TestKeys.make(folder.getParent(), "key");
    AuditedHome.make(folder, keys.key());
    try (Home home = Home.open(folder)) {
      List<AuditRow> rows = rows(home);

      assertThat(rows)
          .extracting(AuditRow::number, AuditRow::kind, AuditRow::eventsVersion)
          .containsExactly(
              tuple(1L, "registered", 2L),
              tuple(2L, "seal", 2L),
              tuple(3L, "approved", 3L),
              tuple(4L, "alias-moved", 3L),
              tuple(5L, "seal", 3L),
              tuple(6L, "retired", 4L),
              tuple(7L, "seal", 4L));
      String before = "0".repeat(64);
      Actor actor = Actor.of(System.getenv(), null);
      for (AuditRow row : rows) {
        assertThat(row.previousHash()).isEqualTo(before);
        assertThat(row.sealedBy()).isEqualTo(actor.name());
        assertThat(row.host()).isEqualTo(actor.host());
        assertThat(row.body()).isEqualTo(new JsonCanonicalizer(row.body()).getEncodedString());
        before =
            sha256(
                String.join(
                    "\n",
                    String.valueOf(row.number()),
                    before,
                    String.valueOf(micros(row.at())),
                    row.kind(),
                    String.valueOf(row.eventsVersion()),
                    row.sealedBy(),
                    row.host(),
                    row.body()));
        assertThat(row.hash()).isEqualTo(before);
        // The last row of each commit.
        assertThat(row.signature() != null).isEqualTo(row.kind().equals("seal"));
        assertThat(row.signature() == null || keys.publicKey().signed(row.hash(), row.signature()))
            .isTrue();
      }
      List<String> digests = new ArrayList<>();
      for (Row event : home.table(Events.PATH).latest().rows()) {
        ObjectMapper json = new ObjectMapper();
        var object = json.createObjectNode();
        for (String column : List.of("kind", "pipeline", "run", "stage", "body")) {
          if (event.get(column) != null) {
            object.put(column, event.string(column));
          }
        }
        object.put("at", micros(event.instant("at")));
        if (event.get("attempt") != null) {
          object.put("attempt", event.integer("attempt"));
        }
        digests.add(sha256(new JsonCanonicalizer(object.toString()).getEncodedString()));
      }
      List<String> sealed = new ArrayList<>();
      for (AuditRow row : rows) {
        if (row.kind().equals("seal")) {
          JsonNode body = new ObjectMapper().readTree(row.body());
          body.path("events").forEach(event -> sealed.add(event.path("sha256").asText()));
          assertThat(body.path("count").asInt()).isEqualTo(body.path("events").size());
          assertThat(body.path("signed").asBoolean()).isTrue();
        }
      }
      assertThat(sealed).hasSize(7).containsExactlyInAnyOrderElementsOf(digests);
    }
  }

  @Test
  void whereNothingHappenedNothingIsCommitted() {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      AuditHead none = chain(events).extend();
      assertThat(none).isEqualTo(new AuditHead(0, "0".repeat(64), null));
      events.append(deeds("m.one", 2));
      AuditHead head = chain(events).extend();
      long version = home.table(AuditTable.PATH).latestVersion();
      // Commits without facts are none.
      events.table().append(List.of());

      assertThat(chain(events).extend()).isEqualTo(head);

      assertThat(head.number()).isEqualTo(3);
      assertThat(home.table(AuditTable.PATH).latestVersion()).isEqualTo(version);
      assertThat(AuditHead.parse(head.text())).isEqualTo(head);
    }
  }

  @Test
  void aRangeThatIsLargeIsSplitIntoSeals() {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      events.append(deeds("m.one", 10));

      new AuditChain(events, null, AuditedHome.ADA, 500).extend();

      assertThat(rows(home).stream().filter(row -> row.kind().equals("seal")))
          .hasSize(4)
          .extracting(row -> Seal.parse(row.body()).orElseThrow().events().size())
          .containsExactly(3, 3, 3, 1);
      assertThat(AuditedHome.verify(folder, null, null).findings()).isEmpty();
    }
  }

  @Test
  void aNameWithALineFeedMakesNoOtherRow() {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      events.append(deeds("m.one", 1));

      new AuditChain(events, null, new Actor("eve\nhost", "boat", null), 500).extend();

      assertThat(rows(home)).extracting(AuditRow::sealedBy).containsOnly("eve host");
      assertThat(AuditedHome.verify(folder, null, null).findings()).isEmpty();
    }
  }

  /** Every one has said what it did and seen to it that it is under the chain. */
  static void deedsUnderTheChain(Path folder, String name, int count) {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      for (Fact.Deed deed : deeds(name, count)) {
        events.append(List.of(deed));
        chain(events).extend();
      }
    }
  }

  private void assertOneChain(int writers, int deedsEach) {
    try (Home home = Home.open(folder)) {
      List<AuditRow> rows = rows(home);
      assertThat(rows)
          .extracting(AuditRow::number)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, rows.size()).boxed().toList());
      assertThat(rows.stream().filter(row -> row.kind().equals("approved")))
          .extracting(AuditRow::body)
          .doesNotHaveDuplicates()
          .hasSize(writers * deedsEach);
    }
    AuditReport report = AuditedHome.verify(folder, null, null);
    assertThat(report.findings()).isEmpty();
    assertThat(report.sealedEvents()).isEqualTo((long) writers * deedsEach);
    assertThat(report.unsealedEvents()).isZero();
  }

  @Test
  void threadsThatExtendItAtOnceKeepOneChain() throws Exception {
    Home.open(folder).close();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> writers = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        String name = "m.thread" + i;
        writers.add(
            () -> {
              deedsUnderTheChain(folder, name, 6);
              return true;
            });
      }
      for (Future<Boolean> writer : threads.invokeAll(writers)) {
        assertThat(writer.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }

    assertOneChain(4, 6);
  }

  /** A process that does things and brings them under the chain. */
  static final class Extender {
    private Extender() {}

    public static void main(String[] arguments) {
      deedsUnderTheChain(Path.of(arguments[0]), arguments[1], Integer.parseInt(arguments[2]));
    }
  }

  /** Ends its process before a step, as a kill would. */
  public static final class Halter implements Consumer<String> {
    @Override
    public void accept(String file) {
      if (file.contains(System.getProperty(HALT_AT, "nowhere"))) {
        Runtime.getRuntime().halt(137);
      }
    }
  }

  private Process start(String name, int count, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx200m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Extender.class.getName(),
            folder.toString(),
            name,
            String.valueOf(count)));
    Path errors = folder.resolveSibling(name + ".err");
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(errors.toFile())
        .start();
  }

  private void end(Process process, String name, int code) throws Exception {
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("the process ends").isTrue();
      assertThat(process.exitValue())
          .as(Files.readString(folder.resolveSibling(name + ".err")))
          .isEqualTo(code);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void processesThatExtendItAtOnceKeepOneChain() throws Exception {
    Home.open(folder).close();
    List<Process> processes = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      processes.add(start("m.process" + i, 4));
    }
    for (int i = 1; i <= 4; i++) {
      end(processes.get(i - 1), "m.process" + i, 0);
    }

    assertOneChain(4, 4);
  }

  @Test
  void aProcessKilledWhileItExtendsItLeavesAWholeChain() throws Exception {
    for (int attempt = 1; attempt <= 2; attempt++) {
      deedsUnderTheChain(folder, "m.before", 1);
      long before = rowsOf(folder);
      // Before its rows are written, and before its commit is made.
      String step =
          attempt == 1
              ? "lineage/audit/"
              : "lineage/audit/_delta_log/%020d.json".formatted(versionOf(folder) + 1);
      String name = "m.killed" + attempt;
      end(
          start(name, 1, "-Dweir.steps=" + Halter.class.getName(), "-D" + HALT_AT + "=" + step),
          name,
          137);

      assertThat(rowsOf(folder)).isEqualTo(before);
      AuditReport killed = AuditedHome.verify(folder, null, null);
      assertThat(killed.unsealedEvents()).isEqualTo(1);
      assertThat(killed.findings())
          .extracting(Finding::code)
          .as("only that the process died before it had sealed what it did")
          .containsExactly("unsealed");
      deedsUnderTheChain(folder, "m.after", 1);
      assertThat(AuditedHome.verify(folder, null, null).findings()).isEmpty();
    }
  }

  private static long rowsOf(Path folder) {
    try (Home home = Home.open(folder)) {
      return rows(home).size();
    }
  }

  private static long versionOf(Path folder) {
    try (Home home = Home.open(folder)) {
      return home.table(AuditTable.PATH).latestVersion();
    }
  }

  /** The event table, with a checkpoint of every fourth version. */
  private static Events eventsWithCheckpoints(Home home) {
    home.table(Events.PATH)
        .create(
            new TableDefinition(
                List.of(
                    Column.required("at", ColumnType.TIMESTAMP, ""),
                    Column.required("kind", ColumnType.STRING, ""),
                    Column.required("pipeline", ColumnType.STRING, ""),
                    Column.required("run", ColumnType.STRING, ""),
                    Column.optional("stage", ColumnType.STRING, ""),
                    Column.optional("attempt", ColumnType.INT, ""),
                    Column.required("body", ColumnType.STRING, "")),
                Map.of("delta.checkpointInterval", "4")));
    return Events.open(home);
  }

  @Test
  void eventsWhoseCommitsHaveExpiredAreSealedAllTheSame() throws Exception {
    Path log = folder.resolve("lineage/events/_delta_log");
    try (Home home = Home.open(folder)) {
      Events events = eventsWithCheckpoints(home);
      events.append(deeds("m.sealed", 2));
      chain(events).extend();
      for (int i = 0; i < 4; i++) {
        events.append(List.of(AuditedHome.approved("model:m.late@" + (i + 1), Instant.now())));
      }
    }
    // Whoever closes a home waits for its checkpoints.
    assertThat(log.resolve("%020d.checkpoint.parquet".formatted(4))).exists();
    for (int version = 0; version < 4; version++) {
      Files.delete(log.resolve("%020d.json".formatted(version)));
      Files.deleteIfExists(log.resolve("%020d.crc".formatted(version)));
    }
    assertThat(AuditedHome.verify(folder, null, null).unsealedEvents()).isEqualTo(4);

    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      assertThatThrownBy(() -> events.table().rowsBetween(1, 5, List.of("kind")))
          .isInstanceOfSatisfying(
              WeirException.class, e -> assertThat(e.code()).isEqualTo("log-expired"));

      chain(events).extend();

      assertThat(rows(home).stream().filter(row -> row.kind().equals("approved")))
          .extracting(AuditRow::body)
          .doesNotHaveDuplicates()
          .hasSize(6);
    }
    AuditReport report = AuditedHome.verify(folder, null, null);
    assertThat(report.findings()).isEmpty();
    assertThat(report.sealedEvents()).isEqualTo(6);
  }

  @Test
  void eventsThatWereMovedIntoOneFileAreStillThose() throws Exception {
    deedsUnderTheChain(folder, "m.sealed", 2);
    try (Home home = Home.open(folder)) {
      Events.open(home).append(List.of(AuditedHome.approved("model:m.late@1", Instant.now())));
    }
    List<Path> moved = Forgery.compact(folder.resolve("lineage/events"));
    AuditReport compacted = AuditedHome.verify(folder, null, null);
    assertThat(compacted.findings()).isEmpty();
    assertThat(compacted.unsealedEvents()).isEqualTo(1);
    for (Path file : moved) {
      Files.delete(file);
    }

    AuditReport cleaned = AuditedHome.verify(folder, null, null);
    assertThat(cleaned.findings()).isEmpty();
    assertThat(cleaned.unsealedEvents()).isEqualTo(1);
    deedsUnderTheChain(folder, "m.after", 1);

    AuditReport sealed = AuditedHome.verify(folder, null, null);
    assertThat(sealed.findings()).isEmpty();
    assertThat(sealed.sealedEvents()).isEqualTo(4);
    assertThat(sealed.unsealedEvents()).isZero();
  }

  @Test
  void nothingIsPutBehindAnEndThatWasCutOff() throws Exception {
    deedsUnderTheChain(folder, "m.one", 2);
    Forgery.rewrite(
        folder.resolve("lineage/audit"),
        (columns, rows) -> rows.stream().filter(row -> (Long) row.get(0) < 4).toList());
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      events.append(deeds("m.two", 1));

      assertThatThrownBy(() -> chain(events).extend())
          .isInstanceOfSatisfying(
              WeirException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(ErrorKind.DATA);
                assertThat(e.text())
                    .isEqualTo(
                        "The audit chain has no row 4, which its log says was put in last. See ./weir audit verify, and restore lineage/audit from a backup; nothing is put into it until then.");
              });
      assertThat(chain(events).tryToExtend()).isFalse();
    }
  }

  @Test
  void nothingIsSealedInAnOlderCopyOfTheEvents() throws Exception {
    deedsUnderTheChain(folder, "m.one", 2);
    Forgery.cutNewestCommit(folder.resolve("lineage/events"));
    try (Home home = Home.open(folder)) {
      assertThatThrownBy(() -> chain(Events.open(home)).extend())
          .isInstanceOfSatisfying(
              WeirException.class,
              e ->
                  assertThat(e.text())
                      .isEqualTo(
                          "The audit chain covers version 2 of lineage/events, which is at version 1: the event table was restored from an older copy. Restore the newer copy; see ./weir audit verify for what is missing."));
    }
  }

  @Test
  void theNewestRowsComeFirst() {
    deedsUnderTheChain(folder, "m.one", 3);
    try (Home home = Home.open(folder)) {
      assertThat(chain(Events.open(home)).newest(3))
          .extracting(AuditRow::number, AuditRow::kind)
          .containsExactly(tuple(6L, "seal"), tuple(5L, "approved"), tuple(4L, "seal"));
      // The number leads to a row without the others being read.
      assertThat(
              home.table(AuditTable.PATH)
                  .latest()
                  .rows(List.of("kind"), List.of(Filter.equal("number", 5L))))
          .hasSize(1);
    }
  }

  @Test
  void theDigestOfAnEventIsThatOfItsCanonicalJson() throws Exception {
    String odd = "\u0000\u0001\b\t\n\f\r\u001f\"\\/<>&\u007f\u20ac\ud83d\ude00{\"a\":1.0}";
    String text = new EventDigest().json(1_769_881_512_123_456L, odd, "p", "r", odd, 3, odd);
    assertThat(text).isEqualTo(new JsonCanonicalizer(text).getEncodedString());
    JsonNode read = new ObjectMapper().readTree(text);
    assertThat(read.path("body").asText()).isEqualTo(odd);
    assertThat(read.path("at").asLong()).isEqualTo(1_769_881_512_123_456L);
    assertThat(new EventDigest().of(1, "k", "p", "r", null, null, "{}").hex())
        .isEqualTo(
            sha256("{\"at\":1,\"body\":\"{}\",\"kind\":\"k\",\"pipeline\":\"p\",\"run\":\"r\"}"));
  }
}
