package dev.weir.ingest;

import static dev.weir.ingest.Files.csv;
import static dev.weir.ingest.Files.json;
import static dev.weir.ingest.Files.parquet;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.pipeline.LocalContext;
import dev.weir.session.TestSpark;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestTest {
  private final SparkSession spark = TestSpark.session();
  private Path folder;
  private LocalContext context;

  @BeforeEach
  void context(@TempDir Path dir) throws IOException {
    folder = dir;
    context = new LocalContext(spark, folder.resolve("home"), folder);
    Files.createDirectories(folder.resolve("in"));
  }

  private void file(String name, String text) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Dataset<Row> ingest(Source source) throws Exception {
    context.run(new Ingest(source, to("t.raw")));
    return context.table("t.raw");
  }

  private List<String> rows(Source source, String... columns) throws Exception {
    return strings(ingest(source), columns);
  }

  private static List<String> strings(Dataset<Row> rows, String... columns) {
    Dataset<Row> some = columns.length == 0 ? rows : rows.selectExpr(columns);
    return some.collectAsList().stream().map(Row::toString).sorted().toList();
  }

  private WeirException error(Source source) {
    return catchThrowableOfType(WeirException.class, () -> ingest(source));
  }

  @Test
  void readsUnderAnExplicitSchemaAndKeepsWhatIsMalformed() throws Exception {
    file("in/a.csv", "id,income\n1,10.5\n2,abc\n3\n4,1,2\n5,\n");
    List<String> rows = rows(csv("in/*.csv").withSchema("id bigint, income double"));
    assertThat(rows)
        .containsExactlyInAnyOrder(
            "[1,10.5,null]", "[2,null,2,abc]", "[3,null,3]", "[4,1.0,4,1,2]", "[5,null,null]");
    assertThat(context.metric("rows")).isEqualTo(5);
    assertThat(context.metric("corrupt-records")).isEqualTo(3);
    assertThat(context.metric("files")).isEqualTo(1);
  }

  @Test
  void infersTypesAndStillKeepsWhatIsMalformed() throws Exception {
    file("in/a.csv", "id,income,day\n1,10.5,2024-01-02\n2,3,2024-01-03\n3,4\n");
    Dataset<Row> table = ingest(csv("in/a.csv"));
    assertThat(table.schema().toDDL())
        .isEqualTo("id INT,income DOUBLE,day DATE,_corrupt_record STRING");
    assertThat(strings(table.where("_corrupt_record is not null"), "_corrupt_record"))
        .containsExactly("[3,4]");
    assertThat(context.metric("corrupt-records")).isEqualTo(1);
  }

  @Test
  void recordsEachFileWithItsDigestAndLength() throws Exception {
    file("in/a.csv", "id\n1\n");
    ingest(csv("in/a.csv", "in/*.csv", "in"));
    assertThat(context.reads)
        .singleElement()
        .satisfies(
            read -> {
              assertThat(read.port()).isEqualTo("source");
              assertThat(read.reference())
                  .isEqualTo(
                      "file:"
                          + folder.toRealPath().resolve("in/a.csv")
                          + "@"
                          + sha256(folder.resolve("in/a.csv")));
              assertThat(read.detail()).isEqualTo("5");
            });
    assertThat(context.metric("rows")).isEqualTo(1);
  }

  private static String sha256(Path path) throws Exception {
    return java.util.HexFormat.of()
        .formatHex(
            java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path)));
  }

  @Test
  void aHeaderThatIsNotTheSchemaIsAnErrorNotAPosition() throws Exception {
    file("in/a.csv", "id,incom\n1,10\n");
    WeirException wrong = error(csv("in/a.csv").withSchema("id bigint, income double"));
    assertThat(wrong)
        .hasMessage(
            "The header of %s does not match the schema: 'incom' is not expected; did you mean 'income'?; missing is income. Found are id, incom; expected are id, income."
                .formatted(folder.resolve("in/a.csv")));
    assertThat(wrong.code()).isEqualTo("header-mismatch");
    assertThat(wrong.kind()).isEqualTo(ErrorKind.DATA);

    file("in/a.csv", "income,id\n10,1\n");
    assertThat(error(csv("in/a.csv").withSchema("id bigint, income double")))
        .hasMessageContaining("the columns are the same in another order");
  }

  @Test
  void filesWithDifferentHeadersAreAnError() throws Exception {
    file("in/a.csv", "id,x\n1,2\n");
    file("in/b.csv", "x,id\n3,4\n");
    assertThat(error(csv("in/*.csv")))
        .hasMessageContaining("The header of %s".formatted(folder.resolve("in/b.csv")))
        .hasMessageContaining("does not match that of %s".formatted(folder.resolve("in/a.csv")))
        .hasMessageContaining("in another order");
  }

  @Test
  void readsWithoutAHeaderWithWideSeparatorsAndMarksForNull() throws Exception {
    file("in/a.data", "39, State-gov, ?\n50, ?, 13\n\n");
    assertThat(
            rows(
                csv("in/a.data")
                    .withOption("header", false)
                    .withOption("sep", ", ")
                    .withOption("nullValue", "?")
                    .withSchema("age int, work string, hours int")))
        .containsExactly("[39,State-gov,null,null]", "[50,null,13,null]");
    assertThat(context.metric("corrupt-records")).isZero();
  }

  @Test
  void quotedFieldsHaveSeparatorsQuotesAndLineBreaks() throws Exception {
    file("in/a.csv", "a;\"b c\"\n\"x;y\";\"say \"\"hi\"\"\"\n\"1\n2\";z\n");
    assertThat(
            rows(
                csv("in/a.csv")
                    .withOption("sep", ";")
                    .withOption("multiLine", true)
                    .withColumns(dev.weir.ingest.Files.Naming.SNAKE_CASE),
                "a",
                "b_c"))
        .containsExactly("[1\n2,z]", "[x;y,say \"hi\"]");
  }

  @Test
  void namesWithDotsStayAndNamesThatDeltaRefusesSaySo() throws Exception {
    file("in/a.csv", "emp.var.rate,hours per week\n1.1,5\n");
    assertThat(error(csv("in/a.csv")).text())
        .isEqualTo(
            "The column 'hours per week' can't be stored in Delta under that name: it has ' ' in it."
                + " Set columns: snake-case (it would be called 'hours_per_week'), or give it a name with rename.");
    assertThat(ingest(csv("in/a.csv").withRenamed("hours per week", "hours")).columns())
        .containsExactly("emp.var.rate", "hours", "_corrupt_record");
    assertThat(
            ingest(csv("in/a.csv").withColumns(dev.weir.ingest.Files.Naming.SNAKE_CASE)).columns())
        .containsExactly("emp_var_rate", "hours_per_week", "_corrupt_record");
    assertThat(
            ingest(
                    csv("in/a.csv")
                        .withSchema("emp_var_rate double, hours_per_week int")
                        .withColumns(dev.weir.ingest.Files.Naming.SNAKE_CASE))
                .schema()
                .toDDL())
        .isEqualTo("emp_var_rate DOUBLE,hours_per_week INT,_corrupt_record STRING");
    assertThat(error(csv("in/a.csv").withRenamed("hours", "h")).text())
        .startsWith("rename names the column 'hours', which the source does not have")
        .contains("It has emp.var.rate, hours per week");
  }

  @Test
  void repeatedAndEmptyHeaderNamesGetTheirIndex() throws Exception {
    file("in/a.csv", "a,a,\n1,2,3\n");
    assertThat(ingest(csv("in/a.csv")).columns())
        .containsExactly("a0", "a1", "_c2", "_corrupt_record");
    file("in/b.csv", "a b,a-b\n1,2\n");
    assertThat(error(csv("in/b.csv").withColumns(dev.weir.ingest.Files.Naming.SNAKE_CASE)).text())
        .isEqualTo(
            "The columns 'a b' and 'a-b' would both be called 'a_b'. Give one another name with rename.");
  }

  @Test
  void readsGzipAndRefusesWhatOnlyLooksLikeText() throws Exception {
    Path gz = folder.resolve("in/a.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      out.write("id,x\n1,2\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(rows(csv("in/a.csv.gz"))).containsExactly("[1,2,null]");
    Files.copy(gz, folder.resolve("in/b.csv"));
    assertThat(error(csv("in/b.csv")).text())
        .isEqualTo(
            "The file %s is not csv but compressed by gzip, but its name does not end in .gz. Name it %s.gz."
                .formatted(folder.resolve("in/b.csv"), folder.resolve("in/b.csv")));
    Files.write(folder.resolve("in/c.csv"), new byte[] {'P', 'K', 3, 4, 0, 0});
    assertThat(error(csv("in/c.csv")).text()).endsWith("but a zip archive. Unpack it first.");
  }

  @Test
  void anEmptyFileIsAnErrorWhereAHeaderIsExpected() throws Exception {
    file("in/a.csv", "");
    assertThat(error(csv("in/a.csv")).text())
        .isEqualTo(
            "The file %s is empty: it should begin with a header. Take it out of the delivery, or set the option header to false if files have none."
                .formatted(folder.resolve("in/a.csv")));
    assertThat(error(csv("in/a.csv").withOption("header", "false")))
        .hasMessageStartingWith("No record could be read from");
    file("in/b.csv", "id,x\n");
    assertThat(rows(csv("in/b.csv"))).isEmpty();
  }

  @Test
  void aMissingPathSaysWhereItWasLookedForAndWhatIsThere() throws Exception {
    file("in/applications.csv", "id\n1\n");
    assertThat(error(csv("in/aplications.csv")).text())
        .isEqualTo(
            "There is no 'in/aplications.csv': looked for %s; %s has applications.csv; did you mean 'applications.csv'? Correct the path; relative ones stand against %s."
                .formatted(folder.resolve("in/aplications.csv"), folder.resolve("in"), folder));
    assertThat(error(csv("inn/x/applications.csv")))
        .hasMessageContaining("there is no %s; %s has".formatted(folder.resolve("inn"), folder))
        .hasMessageContaining("did you mean 'in'?");
    assertThat(error(csv("in/*.json")).text())
        .isEqualTo(
            "No file matches 'in/*.json': looked for %s; %s has applications.csv. Correct the pattern. Files whose names begin with _ or . are passed over."
                .formatted(folder.resolve("in/*.json"), folder.resolve("in")));
    Files.createDirectories(folder.resolve("empty"));
    assertThat(error(csv("empty"))).hasMessageContaining("has no files to read");
    file("in/_x.csv", "id\n1\n");
    assertThat(error(csv("in/_x.csv"))).hasMessageContaining("begin with _ or .");
  }

  @Test
  void aFolderMeansItsFilesAndNamesAreTakenLiterally() throws Exception {
    file("in/a[1].csv", "id\n1\n");
    file("in/sub/b*.csv", "id\n2\n");
    file("in/_SUCCESS", "");
    file("in/.hidden.csv", "other\n");
    assertThat(rows(csv("in"))).containsExactly("[1,null]", "[2,null]");
    assertThat(rows(csv("in/a[1].csv"))).containsExactly("[1,null]");
  }

  @Test
  void jsonKeepsWhatIsMalformedUnderAnySchema() throws Exception {
    file("in/a.json", "{\"id\":1,\"x\":\"a\"}\n{\"id\":\n{\"id\":3}\n");
    assertThat(rows(json("in/a.json"), "id", "x", "_corrupt_record"))
        .containsExactly("[1,a,null]", "[3,null,null]", "[null,null,{\"id\":]");
    assertThat(context.metric("corrupt-records")).isEqualTo(1);
    assertThat(rows(json("in/a.json").withSchema("id bigint")))
        .containsExactly("[1,null]", "[3,null]", "[null,{\"id\":]");
    file("in/b.json", "hello\n");
    assertThat(error(json("in/b.json"))).hasMessageStartingWith("No record could be read from");
  }

  @Test
  void readsParquetWithPartitionFolders() throws Exception {
    spark
        .range(4)
        .selectExpr("id", "id % 2 as part")
        .write()
        .partitionBy("part")
        .parquet(folder.resolve("p").toString());
    assertThat(rows(parquet("p"), "id", "part"))
        .containsExactly("[0,0]", "[1,1]", "[2,0]", "[3,1]");
    assertThat(context.metric("corrupt-records")).isZero();
    assertThat(context.table("t.raw").columns()).doesNotContain("_corrupt_record");
  }

  @Test
  void anExternalDeltaTableIsPinned() throws Exception {
    String path = folder.resolve("outside").toString();
    spark.range(3).write().format("delta").save(path);
    spark.range(5).write().format("delta").mode("overwrite").save(path);
    assertThat(ingest(dev.weir.ingest.Files.delta("outside")).count()).isEqualTo(5);
    assertThat(context.reads.get(0).reference())
        .isEqualTo(
            "file:%s/_delta_log/00000000000000000001.json@%s"
                .formatted(path, sha256(Path.of(path, "_delta_log", "00000000000000000001.json"))));
    assertThat(ingest(dev.weir.ingest.Files.delta("outside").withOption("versionAsOf", 0)).count())
        .isEqualTo(3);
    assertThat(error(dev.weir.ingest.Files.delta("outside").withOption("versionAsOf", 7)))
        .hasMessage("The Delta table %s has no version 7: its newest is 1.".formatted(path));
    Files.delete(Path.of(path, "_delta_log", "00000000000000000000.json"));
    assertThat(error(dev.weir.ingest.Files.delta("outside").withOption("versionAsOf", 0)))
        .hasMessage(
            "The Delta table %s no longer has version 0: its log was cleaned up past it."
                .formatted(path));
    assertThat(error(dev.weir.ingest.Files.delta("in")))
        .hasMessageContaining("is not a Delta table");
  }

  @Test
  void positionsFollowTheFileEvenWhereSparkSplitsIt() throws Exception {
    String text =
        "n,pad\n"
            + IntStream.range(0, 20_000)
                .mapToObj(i -> i + "," + "x".repeat(i % 50))
                .collect(Collectors.joining("\n"))
            + "\n";
    file("in/a.csv", text);
    file("in/b.csv", "n,pad\n0,x\n1,y\nbroken\n");
    SparkSession session = spark.newSession();
    session.conf().set("spark.sql.files.maxPartitionBytes", "40000");
    session.conf().set("spark.sql.files.openCostInBytes", "0");
    LocalContext split = new LocalContext(session, folder.resolve("home"), folder);
    dev.weir.ingest.Files files = csv("in/*.csv").withSchema("n bigint, pad string");
    Manifest manifest =
        Manifest.find(spark.sparkContext().hadoopConfiguration(), folder.toUri(), files.path());
    Dataset<Row> rows =
        new FileReading(
                session,
                spark.sparkContext().hadoopConfiguration(),
                files.withPosition("position"),
                manifest)
            .rows();
    assertThat(
            new FileReading(session, spark.sparkContext().hadoopConfiguration(), files, manifest)
                .rows()
                .rdd()
                .getNumPartitions())
        .isGreaterThan(10);
    assertThat(rows.count()).isEqualTo(20_003);
    assertThat(rows.where("n <> position").count()).isZero();
    split.run(new Ingest(files.withPosition("position"), to("t.raw")));
    assertThat(split.table("t.raw").where("n <> position").count()).isZero();
    assertThat(strings(split.table("t.raw").where("_corrupt_record is not null"), "position"))
        .containsExactly("[2]");
    assertThat(split.metric("corrupt-records")).isEqualTo(1);
    assertThat(error(files.withPosition("pad"))).hasMessageContaining("has a column 'pad' already");
  }

  @Test
  void aFileThatChangesAfterItWasTakenStockOfIsAnError() throws Exception {
    file("in/a.csv", "id\n1\n");
    file("in/b.csv", "id\n1\n");
    file("in/c.csv", "id\n1\n");
    var hadoop = spark.sparkContext().hadoopConfiguration();
    Manifest manifest = Manifest.find(hadoop, folder.toUri(), List.of("in/*.csv"));
    manifest.requireUnchanged(hadoop);
    file("in/a.csv", "id\n1\n2\n");
    Files.delete(folder.resolve("in/b.csv"));
    Files.setLastModifiedTime(
        folder.resolve("in/c.csv"), java.nio.file.attribute.FileTime.fromMillis(1000));
    assertThatThrownBy(() -> manifest.requireUnchanged(hadoop))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "The source has changed since the run began: %s had 5 bytes and has 7; %s is gone; %s was written again."
                .formatted(
                    folder.resolve("in/a.csv"),
                    folder.resolve("in/b.csv"),
                    folder.resolve("in/c.csv")));
  }

  @Test
  void namesThatSparkCanNotReadAreRefusedAndSoArePathsThatLeadNowhere() throws Exception {
    file("in/2026-11-29T06:15.csv", "id\n1\n");
    file("in/b.csv", "id\n1\n");
    for (String path : List.of("in", "in/2026-11-29T06:15.csv")) {
      assertThat(error(csv(path)).text())
          .isEqualTo(
              "The file %s has a colon in its name, which Spark can't read. Give it another name."
                  .formatted(folder.resolve("in/2026-11-29T06:15.csv")));
    }
    assertThat(error(csv("in/*.csv")).text())
        .startsWith(
            "The pattern 'in/*.csv' can't be looked for in %s, where a name has a colon ("
                .formatted(folder.resolve("in")));
    assertThat(error(csv("06:15.csv")).text())
        .startsWith("There is no '06:15.csv': looked for " + folder.resolve("06:15.csv"));
    assertThat(error(csv("in/b.csv/c.csv")).text())
        .startsWith("There is no 'in/b.csv/c.csv': looked for ");
    assertThat(error(csv("file://in/b.csv")).text())
        .startsWith("The path 'file://in/b.csv' leads nowhere: Wrong FS");
  }

  @Test
  void badSchemasAndOptionsSayWhatIsWrong() throws Exception {
    file("in/a.csv", "id\n1\n");
    assertThat(error(csv("in/a.csv").withSchema("id bigintt")).text())
        .startsWith("The schema 'id bigintt' is not a list of columns")
        .endsWith("Write it like 'id bigint, income double'.");
    assertThatThrownBy(() -> csv("x").withOption("delimeter", ";"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "'delimeter' is not an option of csv; did you mean 'delimiter'? (there are ");
    assertThatThrownBy(() -> csv("x").withOption("mode", "DROPMALFORMED"))
        .hasMessageStartingWith("mode can't be set");
    assertThatThrownBy(() -> csv()).hasMessageStartingWith("path names at least one");
  }

  @Test
  void everyOptionIsOneOfSparks() {
    assertThat(dev.weir.ingest.Files.OPTIONS.get(dev.weir.ingest.Files.Format.CSV))
        .allMatch(o -> org.apache.spark.sql.catalyst.csv.CSVOptions.isValidOption(o));
    assertThat(dev.weir.ingest.Files.OPTIONS.get(dev.weir.ingest.Files.Format.JSON))
        .allMatch(o -> org.apache.spark.sql.catalyst.json.JSONOptions.isValidOption(o));
  }
}
