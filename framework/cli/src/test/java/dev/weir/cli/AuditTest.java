package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Home;
import dev.weir.store.Store;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit chain of a home that a model was trained and registered in. */
class AuditTest {
  @TempDir static Path temporary;

  private static Path folder;
  private static Path home;
  private static TestProject project;

  @BeforeAll
  static void run() throws Exception {
    TestSession.start();
    folder = temporary.resolve("a folder");
    home = folder.resolve(".weir");
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    project =
        new TestProject(folder)
            .file("conf/weir.yaml", "audit-key: keys/audit.pem\n")
            .file("keys/audit.pem", pem("PRIVATE KEY", pair.getPrivate().getEncoded()))
            .file("keys/audit.pub", pem("PUBLIC KEY", pair.getPublic().getEncoded()))
            .pipeline(
                "sweep",
                """
                pipeline: sweep
                stages:
                  - name: rows
                    uses: sql
                    with: { from: [], into: t.rows, statement: "select id, id % 7 as x, if(id % 7 * 3 + id % 5 > 11, 1.0, 0.0) as label from range(200)" }
                  - uses: train
                    with:
                      from: t.rows
                      into: t.model
                      label: label
                      key: id
                      stages:
                        - VectorAssembler: { inputCols: [ x ], outputCol: features }
                        - LogisticRegression: { maxIter: 5 }
                  - uses: register
                    with: { model: t.model, evaluation: t.rows }
                """);
    TestProject.Said said = project.weir("run", "sweep");
    assertThat(said.code()).as(said.out() + said.err()).isZero();
  }

  private static String pem(String label, byte[] key) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key));
  }

  /** A copy of the home, to do harm to. */
  private static Path copy(String name) throws IOException {
    Path copy = temporary.resolve(name);
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(home.relativize(file).toString()));
      }
    }
    return copy;
  }

  private static TestProject.Said verify(Path of, String... more) {
    List<String> words = new ArrayList<>(List.of("audit", "verify"));
    words.addAll(List.of(more));
    words.addAll(List.of("--directory=" + folder, "--home=" + of));
    return TestProject.execute(words.toArray(String[]::new));
  }

  private static Path dataFile(Path table) throws IOException {
    try (Stream<Path> files = Files.list(table)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  // --- What people see

  @Test
  void whatARunDidIsUnderTheChainWhenItEnds() {
    TestProject.Said said = verify(home, "--public-key=" + folder.resolve("keys/audit.pub"));

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.lines()).hasSize(3);
    assertThat(said.lines().get(0))
        .matches(
            "Checked 2 rows of the chain, \\d+ sealed events, [1-9]\\d* files of 1 model and 1 pinned dataset version\\.");
    assertThat(said.lines().get(1)).isEqualTo("1 signature checked.");
    assertThat(said.lines().get(2))
        .matches("✓ Everything is as it was recorded\\. Head 2:[0-9a-f]{64}");
    assertThat(verify(home).lines().get(1))
        .isEqualTo("1 signature not checked: name the key with --public-key.");
  }

  @Test
  void theHeadIsKeptAndHeldAgainstTheChainLater() throws Exception {
    Path later = copy("later");
    String place = "--home=" + later;
    TestProject.Said said = TestProject.execute("audit", "head", "--directory=" + folder, place);

    assertThat(said.code()).isZero();
    assertThat(said.lines()).hasSize(2);
    String head = said.lines().get(0);
    assertThat(head).matches("2:[0-9a-f]{64}");
    assertThat(said.lines().get(1)).matches("signature [A-Za-z0-9+/]{86}==");
    assertThat(said.err())
        .contains(
            "Keep it where nobody who writes to the home can change it. Later, to check:\n  ./weir audit verify --head "
                + head
                + " --home ")
        .contains("The signature is Ed25519 over the 64 characters of the hash, in base64;");

    try (Home opened = Home.open(later)) {
      Events events = Events.open(opened);
      events.append(
          List.of(
              new Fact.ModelReviewed(
                  Instant.now(),
                  new Actor("ada", "ship", "Grace"),
                  "model:t.model@1",
                  Fact.Review.APPROVED,
                  "d",
                  null,
                  "it will do",
                  "two who approve")));
    }
    assertThat(verify(later, "--head", head).lines())
        .contains("1 event since the last seal: ./weir audit head seals them.");
    TestProject.Said log =
        TestProject.execute("audit", "log", "--limit=2", "--directory=" + folder, place);
    assertThat(log.code()).isZero();
    assertThat(log.lines()).hasSize(3);
    assertThat(log.lines().get(0)).matches("number +when \\(UTC\\) +kind +what");
    assertThat(log.lines().get(1))
        .matches(
            "4       \\S+ \\S+  seal           1 event up to version \\d+ of the events, by \\S+@\\S+");
    assertThat(log.lines().get(2))
        .matches(
            "3       \\S+ \\S+  approved       model:t\\.model@1 by ada@ship for Grace: it will do \\(overrode: two who approve\\)");
    assertThat(verify(later, "--head", head).code()).isZero();

    TestProject.Said made = verify(later, "--head", "2:" + "0".repeat(64));
    assertThat(made.code()).isEqualTo(ExitCode.FAILED);
    assertThat(made.lines().get(0))
        .startsWith("✗ Row 2 (seal, ")
        .endsWith(
            "and %s was kept. The chain was made anew up to there since. Restore lineage/audit from a backup."
                .formatted("0".repeat(64)));
    assertThat(made.lines().get(made.lines().size() - 1)).isEqualTo("1 finding.");
  }

  @Test
  void whatIsDamagedIsALineEach() throws Exception {
    Path damaged = copy("damaged");
    Path rows = damaged.resolve("datasets/t/rows");
    String gone = dataFile(rows).toString();
    Files.delete(dataFile(rows));
    Path log = damaged.resolve("lineage/audit/_delta_log");
    Files.delete(log.resolve("%020d.json".formatted(1)));
    Files.deleteIfExists(log.resolve("%020d.crc".formatted(1)));

    TestProject.Said said = verify(damaged, "--json");

    assertThat(said.code()).isEqualTo(ExitCode.FAILED);
    JsonNode json = new ObjectMapper().readTree(said.out());
    assertThat(json.path("intact").asBoolean()).isFalse();
    assertThat(json.path("rows").asInt()).isZero();
    assertThat(json.path("findings"))
        .anySatisfy(
            finding -> {
              assertThat(finding.path("code").asText()).isEqualTo("dataset-unreadable");
              assertThat(finding.path("found").asText())
                  .startsWith(
                      "dataset:t.rows@0, pinned for everybody, model:t.model@1, can't be read: ")
                  .contains(gone + " is gone");
              assertThat(finding.path("remedy").asText())
                  .isEqualTo(
                      "Restore the files from a backup: without them what was made from it can't be made again.");
            });
  }

  @Test
  void aHomeWithNothingInItHasNoChain() {
    assertThat(verify(temporary.resolve("nothing")).err())
        .contains("Nothing has been run in the home");
    assertThat(verify(home, "--head", "x").err())
        .isEqualTo(
            "weir: 'x' is no head of a chain. Write it as ./weir audit head printed it: a number, a colon and 64 hexadecimal digits.\n");
  }

  @Test
  void aRunWithoutItsKeyDoesNotBegin() {
    TestProject other =
        new TestProject(temporary.resolve("other"))
            .file("conf/weir.yaml", "audit-key: none.pem\n")
            .pipeline(
                "nothing",
                """
                pipeline: nothing
                stages:
                  - uses: dev.weir.cli.TestStages.Nothing
                """);

    TestProject.Said said = other.weir("run", "nothing");

    assertThat(said.code()).isEqualTo(ExitCode.USAGE);
    assertThat(said.err()).contains("/none.pem is not there. Make one with openssl genpkey");
    assertThat(other.weir("runs").err()).contains("Nothing has been run in the home");
  }

  // --- What other programs see

  /** Spark as it is, but for what would spread a few rows over hundreds of tasks. */
  private static SparkSession session() {
    SparkSession spark = SparkSession.active().newSession();
    spark.conf().set("spark.sql.shuffle.partitions", "1");
    spark.conf().set("spark.databricks.delta.snapshotPartitions", "1");
    return spark;
  }

  private static String path(String table) {
    return home.resolve("lineage").resolve(table).toString();
  }

  private static List<String> tables() {
    List<String> tables = new ArrayList<>(List.of("events", "progress", "audit"));
    Stream.of(LineageTable.values()).map(LineageTable::tableName).forEach(tables::add);
    return tables;
  }

  @Test
  void sparkAloneReadsEveryTableAndComesToTheSameHashes() {
    SparkSession spark = session();
    for (String table : tables()) {
      var rows = spark.read().format("delta").load(path(table));
      assertThat(Stream.of(rows.schema().fields()))
          .as("every column of " + table + " says what it holds")
          .allMatch(field -> field.getComment().isDefined());
      rows.collectAsList();
    }
    spark.read().format("delta").load(path("audit")).createOrReplaceTempView("chain");
    spark.read().format("delta").load(path("events")).createOrReplaceTempView("facts");
    // What the column's comment says, and each row after the one before.
    assertThat(
            spark
                .sql(
                    """
                    select number, hash = sha2(concat_ws('\\n', number, previous_hash, unix_micros(at), kind, events_version, sealed_by, host, body), 256)
                      and previous_hash = lag(hash, 1, repeat('0', 64)) over (order by number)
                    from chain order by number
                    """)
                .collectAsList())
        .extracting(org.apache.spark.sql.Row::toString)
        .containsExactly("[1,true]", "[2,true]");
    String sealed =
        "select event.sha256 from (select explode(from_json(body, 'events array<struct<sha256: string>>').events) as event from chain where kind = 'seal')";
    String found =
        "select sha2(to_json(struct(unix_micros(at) as at, attempt, body, kind, pipeline, run, stage)), 256) from facts";
    assertThat(spark.sql(sealed + " except all " + found).count()).isZero();
    assertThat(spark.sql(found + " except all " + sealed).count()).isZero();
    assertThat(spark.sql(sealed).count()).isGreaterThan(5);
  }

  @Test
  void weirShowsTheChainInSql() {
    TestProject.Said said =
        project.weir(
            "sql",
            "--format=csv",
            "select number, kind, signature is null as unsigned from lineage.audit order by number");
    assertThat(said.lines())
        .containsExactly("number,kind,unsigned", "1,registered,true", "2,seal,false");
    assertThat(project.weir("sql", "--format=csv", "describe lineage.audit").out())
        .contains("The row's number, from 1 without a gap.");
  }

  /** Reads a table with nothing but Delta Kernel. */
  private static List<Map<String, Object>> kernelRows(String table) throws IOException {
    Engine engine = DefaultEngine.create(new Configuration());
    Snapshot snapshot = TableManager.loadSnapshot(path(table)).build(engine);
    Scan scan = snapshot.getScanBuilder().build();
    Row state = scan.getScanState(engine);
    List<Map<String, Object>> rows = new ArrayList<>();
    try (CloseableIterator<Row> files = Utils.intoRows(scan.getScanFiles(engine))) {
      while (files.hasNext()) {
        Row file = files.next();
        try (CloseableIterator<FileReadResult> data =
                engine
                    .getParquetHandler()
                    .readParquetFiles(
                        Utils.singletonCloseableIterator(
                            InternalScanFileUtils.getAddFileStatus(file)),
                        ScanStateRow.getPhysicalDataReadSchema(state),
                        Optional.empty());
            CloseableIterator<FilteredColumnarBatch> batches =
                Scan.transformPhysicalData(
                    engine, state, file, data.map(FileReadResult::getData))) {
          while (batches.hasNext()) {
            try (CloseableIterator<Row> all = batches.next().getRows()) {
              all.forEachRemaining(row -> rows.add(values(row)));
            }
          }
        }
      }
    }
    return rows;
  }

  private static Map<String, Object> values(Row row) {
    Map<String, Object> values = new TreeMap<>();
    for (int i = 0; i < row.getSchema().length(); i++) {
      if (!row.isNullAt(i)) {
        Object value =
            switch (row.getSchema().at(i).getDataType().toString()) {
              case "string" -> row.getString(i);
              case "long", "timestamp" -> row.getLong(i);
              case "integer" -> row.getInt(i);
              case "double" -> row.getDouble(i);
              case "boolean" -> row.getBoolean(i);
              default -> throw new AssertionError(row.getSchema().at(i));
            };
        values.put(row.getSchema().at(i).getName(), value);
      }
    }
    return values;
  }

  @Test
  void kernelAloneReadsEveryTableAndComesToTheSameHashes() throws Exception {
    try (Home opened = Home.open(home)) {
      for (String table : tables()) {
        assertThat(kernelRows(table))
            .as(table)
            .hasSameSizeAs(opened.table("lineage/" + table).latest().rows());
      }
    }
    for (Map<String, Object> row : kernelRows("audit")) {
      String text =
          "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s"
              .formatted(
                  row.get("number"),
                  row.get("previous_hash"),
                  row.get("at"),
                  row.get("kind"),
                  row.get("events_version"),
                  row.get("sealed_by"),
                  row.get("host"),
                  row.get("body"));
      assertThat(
              HexFormat.of()
                  .formatHex(
                      MessageDigest.getInstance("SHA-256")
                          .digest(text.getBytes(StandardCharsets.UTF_8))))
          .isEqualTo(row.get("hash"));
    }
  }

  @Test
  void aDeletionVectorThatIsGoneIsNamed() throws Exception {
    Path table = temporary.resolve("deleted rows");
    SparkSession spark = session();
    spark
        .sql("select id from range(1000)")
        .coalesce(1)
        .write()
        .format("delta")
        .option("delta.enableDeletionVectors", "true")
        .save(table.toString());
    spark.sql("delete from delta.`%s` where id %% 10 = 3".formatted(table));
    try (Store store = Store.local()) {
      assertThat(store.table(table).latest().damage()).isEmpty();
      Path vector;
      try (Stream<Path> files = Files.list(table)) {
        vector =
            files
                .filter(file -> file.getFileName().toString().matches("deletion_vector_.*\\.bin"))
                .findFirst()
                .orElseThrow();
      }
      byte[] bytes = Files.readAllBytes(vector);
      Files.write(vector, Arrays.copyOf(bytes, 10));
      assertThat(store.table(table).latest().damage())
          .singleElement()
          .asString()
          .matches(".*/deletion_vector_\\S+\\.bin has 10 bytes instead of \\d+");
      Files.delete(vector);
      assertThat(store.table(table).latest().damage())
          .singleElement()
          .asString()
          .endsWith(vector.getFileName() + " is gone");
    }
  }
}
