package dev.weir.run;

import static dev.weir.ingest.Files.csv;
import static dev.weir.ingest.Files.json;
import static dev.weir.ingest.Files.parquet;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.artifact.DatasetName;
import dev.weir.ingest.Ingest;
import dev.weir.ingest.Source;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Published;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.pipeline.Cache;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Retry;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that can't be read, of sources and of datasets: the stage fails and names the file, its
 * dataset stays as it was, and the next run works once the file is good.
 */
class DamagedFilesTest {
  private static final Retry TWICE = new Retry(2, Duration.ofMillis(1), Duration.ofMillis(1));

  private static final String AGAIN =
      " Nothing of its source was published. Have it delivered again, or take it out of the source; then run again.";

  @TempDir Path folder;

  private final List<RunEvent> events = new ArrayList<>();

  @BeforeAll
  static void spark() {
    TestSpark.session();
  }

  private RunResult run(Pipeline pipeline) throws InterruptedException {
    try (Runner runner =
        Runner.open(
            RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare()),
            events::add)) {
      return runner.start().await();
    }
  }

  private RunResult ingest(Source source) throws InterruptedException {
    return run(
        Pipeline.named("ingesting")
            .stage("ingest", new Ingest(source, to("t.raw")))
            .retry(TWICE)
            .build());
  }

  private static Fact.Failure failure(RunResult result, String stage) {
    assertThat(result.state()).isEqualTo(RunState.FAILED);
    Fact.StageFinished end =
        result.stages().stream().filter(s -> s.stage().equals(stage)).findFirst().orElseThrow();
    assertThat(end.state()).isEqualTo(StageState.FAILED);
    assertThat(end.error()).isNotNull();
    return end.error();
  }

  /** The newest version of a dataset that a reader resolves. */
  private String published(String name) {
    try (Home home = Home.open(folder)) {
      return Published.of(home)
          .dataset(DatasetName.parse(name), null)
          .map(Fact.DatasetWritten::reference)
          .orElse("none");
    }
  }

  /**
   * A source that is good, then bad, then good again with more in it.
   *
   * @param message what the error says after the file's path, which stands for {@code FILE}
   */
  private void assertNamed(
      Source source,
      String file,
      byte[] good,
      byte[] bad,
      byte[] better,
      String code,
      String message)
      throws Exception {
    Path path = folder.resolve(file);
    Files.write(path, good);
    assertThat(ingest(source).state()).isEqualTo(RunState.SUCCEEDED);
    Files.write(path, bad);

    Fact.Failure error = failure(ingest(source), "ingest");

    assertThat(error.message()).startsWith(message.replace("FILE", path.toString()));
    assertThat(error.code()).isEqualTo(code);
    assertThat(events).noneMatch(RunEvent.StageRetried.class::isInstance);
    assertThat(published("t.raw")).isEqualTo("dataset:t.raw@0");
    Files.write(path, better);
    assertThat(ingest(source).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(published("t.raw")).isEqualTo("dataset:t.raw@1");
  }

  private static byte[] text(int rows) {
    StringBuilder text = new StringBuilder("id,name\n");
    Random random = new Random(1);
    for (int i = 0; i < rows; i++) {
      text.append(i).append(",n").append(random.nextLong()).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private byte[] parquetFile(long rows) throws IOException {
    Path there = folder.resolve("parquet-" + rows);
    TestSpark.session().range(rows).repartition(1).write().parquet(there.toString());
    return Files.readAllBytes(dataFile(there));
  }

  private static Path dataFile(Path table) throws IOException {
    try (Stream<Path> files = Files.list(table)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private static byte[] garbage(int length) {
    byte[] bytes = new byte[length];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aGzipThatBreaksOffFarFromItsBeginning() throws Exception {
    // Beyond what is looked at for the header: Spark finds out, in a task.
    byte[] whole = gzip(text(120_000));
    assertNamed(
        csv("a.csv.gz").withSchema("id bigint, name string"),
        "a.csv.gz",
        gzip(text(10)),
        Arrays.copyOf(whole, whole.length - 1000),
        whole,
        "damaged-file",
        "The file FILE can't be read: it breaks off before its end (EOFException: Unexpected end of input stream)."
            + AGAIN);
  }

  @Test
  void aGzipThatBreaksOffInItsBeginning() throws Exception {
    byte[] whole = gzip(text(1000));
    assertNamed(
        csv("a.csv.gz"),
        "a.csv.gz",
        gzip(text(10)),
        Arrays.copyOf(whole, 30),
        whole,
        "damaged-file",
        "The file FILE breaks off before its end (EOFException: Unexpected end of input stream)."
            + AGAIN);
  }

  @Test
  void aParquetFileThatBreaksOff() throws Exception {
    byte[] whole = parquetFile(10_000);
    assertNamed(
        parquet("a.parquet"),
        "a.parquet",
        parquetFile(10),
        Arrays.copyOf(whole, whole.length / 2),
        whole,
        "damaged-file",
        "The file FILE can't be read: it does not end as a Parquet file does (RuntimeException: ");
  }

  @Test
  void aParquetFileWithGarbageInItsMiddle() throws Exception {
    byte[] bad = parquetFile(10_000);
    System.arraycopy(garbage(3000), 0, bad, 100, 3000);
    assertNamed(
        parquet("a.parquet").withSchema("id bigint"),
        "a.parquet",
        parquetFile(10),
        bad,
        parquetFile(20),
        "damaged-file",
        "The file FILE can't be read: ");
  }

  @Test
  void aJsonFileOfGarbage() throws Exception {
    assertNamed(
        json("a.json").withSchema("id bigint"),
        "a.json",
        "{\"id\":1}\n".getBytes(StandardCharsets.UTF_8),
        garbage(5000),
        "{\"id\":1}\n{\"id\":2}\n".getBytes(StandardCharsets.UTF_8),
        "not-text",
        "The file FILE is not json but binary: byte ");
  }

  @Test
  void aCsvFileInAnotherEncoding() throws Exception {
    String rows = "id,name\n1,Jürgen\n";
    assertNamed(
        csv("a.csv"),
        "a.csv",
        "id,name\n1,Jo\n".getBytes(StandardCharsets.UTF_8),
        rows.getBytes(StandardCharsets.ISO_8859_1),
        rows.getBytes(StandardCharsets.UTF_8),
        "wrong-encoding",
        "The file FILE is not in UTF-8: byte 12 of it, in line 2, is 0xFC, which no character there begins or goes on with. Set the option encoding to what it is in, such as ISO-8859-1");

    Files.write(folder.resolve("a.csv"), rows.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(ingest(csv("a.csv").withOption("encoding", "ISO-8859-1")).stages().get(0).datasets())
        .singleElement()
        .satisfies(
            written ->
                assertThat(
                        TestSpark.session()
                            .read()
                            .format("delta")
                            .load(written.path())
                            .select("name")
                            .first()
                            .getString(0))
                    .isEqualTo("Jürgen"));

    Files.write(folder.resolve("a.csv"), rows.getBytes(StandardCharsets.UTF_16));
    assertThat(failure(ingest(csv("a.csv")), "ingest").message())
        .endsWith(
            "a.csv is not in UTF-8: it begins as text in UTF-16 does. Set the option encoding to UTF-16, or convert the file.");
  }

  @Test
  void aFileThatMayNotBeRead() throws Exception {
    Path file = folder.resolve("a.csv");
    Files.writeString(file, "id\n1\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "this user may read every file, whatever its permissions");

    Fact.Failure error = failure(ingest(csv("a.csv")), "ingest");

    assertThat(error.code()).isEqualTo("unreadable-source");
    assertThat(error.message())
        .startsWith("The file %s may not be read by the user ".formatted(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(ingest(csv("a.csv")).state()).isEqualTo(RunState.SUCCEEDED);
  }

  /** Not even root reads its own memory from the start: a disk that fails answers the same. */
  @Test
  void aFileWhoseDiskFails() throws Exception {
    Path memory = Path.of("/proc/self/mem");
    assumeTrue(Files.exists(memory), "there is no file here that can be opened and not be read");
    Path file = folder.resolve("a.csv");
    Files.createSymbolicLink(file, memory);

    Fact.Failure error = failure(ingest(csv("a.csv")), "ingest");

    assertThat(error.code()).isEqualTo("unreadable-source");
    assertThat(error.message())
        .startsWith("Reading the file %s failed: ".formatted(file))
        .contains("Input/output error");
    Files.delete(file);
    Files.writeString(file, "id\n1\n");
    assertThat(ingest(csv("a.csv")).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void aFileThatVanishesAfterTheRunBegan() throws Exception {
    Path file = folder.resolve("a.csv");
    Files.writeString(file, "id\n1\n");
    Pipeline pipeline =
        Pipeline.named("vanishing")
            .stage("remove", new TestStages.Removes(file.toString()))
            .cache(Cache.NEVER)
            .stage("ingest", new Ingest(csv("a.csv"), to("t.raw")))
            .after("remove")
            .build();

    assertThat(failure(run(pipeline), "ingest").message())
        .isEqualTo(
            "The source has changed since the run began: %s is gone. Nothing of it was published. Run again when the delivery is complete."
                .formatted(file));
    assertThat(published("t.raw")).isEqualTo("none");
    Files.writeString(file, "id\n1\n");
    assertThat(ingest(csv("a.csv")).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void aDataFileOfADatasetThatIsDamagedOrGone() throws Exception {
    Pipeline make =
        Pipeline.named("making").stage("make", new TestStages.Numbers(to("t.made"), 1000)).build();
    Pipeline copy =
        Pipeline.named("copying")
            .stage("copy", new TestStages.Copy(from("t.made"), to("t.copied")))
            .cache(Cache.NEVER)
            .retry(TWICE)
            .build();
    run(make);
    assertThat(run(copy).state()).isEqualTo(RunState.SUCCEEDED);
    Path file = dataFile(folder.resolve("datasets/t/made"));
    byte[] whole = Files.readAllBytes(file);
    String remedy =
        " It holds rows of the dataset t.made: restore it from a backup, or have the stage that made it make it again, by a run with --fresh.";

    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThat(failure(run(copy), "copy"))
        .satisfies(
            error -> {
              assertThat(error.code()).isEqualTo("damaged-file");
              assertThat(error.message())
                  .startsWith("The file %s can't be read: ".formatted(file))
                  .endsWith(remedy);
            });
    Files.delete(file);
    assertThat(failure(run(copy), "copy"))
        .satisfies(
            error -> {
              assertThat(error.code()).isEqualTo("missing-file");
              assertThat(error.message())
                  .isEqualTo("The file %s is not there any more.".formatted(file) + remedy);
            });
    assertThat(published("t.copied")).isEqualTo("dataset:t.copied@0");
    Files.write(file, whole);
    assertThat(run(copy).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(published("t.copied")).isEqualTo("dataset:t.copied@1");
    assertThat(events).noneMatch(RunEvent.StageRetried.class::isInstance);
  }
}
