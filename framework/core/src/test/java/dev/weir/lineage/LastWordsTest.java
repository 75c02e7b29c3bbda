package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastWordsTest {
  @TempDir Path folder;

  @Test
  void whatWasSaidIsRead() throws Exception {
    Path path = LastWords.path(folder.toUri(), "a-run");
    assertThat(path).isEqualTo(folder.resolve("logs/a-run/last-words"));
    Instant before = Instant.now();
    LastWords words;
    try (LastWordsFile file = LastWordsFile.open(path, "a-run", "credit")) {
      assertThat(LastWords.read(path)).isEmpty();

      file.say(new OutOfMemoryError("Größe = 3 €\nand more\t" + "x".repeat(20_000)), "train", 12);

      words = LastWords.read(path).orElseThrow();
    }
    assertThat(words.run()).isEqualTo("a-run");
    assertThat(words.pipeline()).isEqualTo("credit");
    assertThat(words.stage()).isEqualTo("train");
    assertThat(words.attempt()).isEqualTo(12);
    assertThat(words.host()).isEqualTo(Holder.current().host());
    assertThat(words.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(words.at()).isBetween(before.minusMillis(1), Instant.now());
    assertThat(words.what())
        .startsWith("java.lang.OutOfMemoryError: Größe = 3 € and more\txxx")
        .hasSizeLessThan(1100);
    assertThat(words.heapMax()).isEqualTo(Runtime.getRuntime().maxMemory());
    assertThat(words.concern("train", 12)).isTrue();
    assertThat(words.concern("train", 11)).isFalse();
    assertThat(words.concern("other", 12)).isFalse();
    assertThat(path).exists();
  }

  @Test
  void aRunThatNeedsNoneLeavesNothing() throws Exception {
    Path path = LastWords.path(folder.toUri(), "a-run");
    LastWordsFile.open(path, "a-run", "credit").close();
    assertThat(path.getParent()).doesNotExist();

    LastWordsFile file = LastWordsFile.open(path, "a-run", "credit");
    Files.createFile(path.resolveSibling("spark.log"));
    file.close();
    assertThat(path).doesNotExist();
    assertThat(path.resolveSibling("spark.log")).exists();

    assertThat(LastWords.read(path)).isEmpty();
  }

  @Test
  void theWordsOfAHomeElsewhereStayHere() {
    assertThat(LastWords.path(URI.create("s3a://bucket/home"), "a-run"))
        .startsWithRaw(Path.of(System.getProperty("java.io.tmpdir")))
        .endsWithRaw(Path.of("a-run/last-words"));
  }

  @Test
  void theFailureSaysWhatToDo() {
    assertThat(words("train", "java.lang.OutOfMemoryError: Java heap space").failure())
        .isEqualTo(
            new Fact.Failure(
                "out-of-memory",
                "The process ran out of memory in attempt 2 at stage 'train': java.lang.OutOfMemoryError: Java heap space. It was process 7 on here and ended at 2026-01-02T03:04:05Z; its heap could become 1536 MB large. Give it more: WEIR_JAVA_OPTIONS=-Xmx3g ./weir run credit, or with spark-submit --conf spark.driver.memory=3g; or let the stage hold less at once. The stack trace is in last-words.",
                "java.lang.OutOfMemoryError"));
    assertThat(words(null, "java.lang.OutOfMemoryError: Metaspace").failure().message())
        .startsWith("The process ran out of memory: java.lang.OutOfMemoryError: Metaspace. ")
        .contains("raise -XX:MaxMetaspaceSize in WEIR_JAVA_OPTIONS");
    assertThat(
            words(
                    null,
                    "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory")
                .failure()
                .message())
        .contains("ulimit -u");
    assertThat(
            words(null, "java.lang.OutOfMemoryError: Requested array size exceeds VM limit")
                .failure()
                .message())
        .contains("which more memory does not help");
  }

  private static LastWords words(String stage, String what) {
    return new LastWords(
        "a-run",
        "credit",
        stage,
        stage == null ? 0 : 2,
        "here",
        7,
        Instant.parse("2026-01-02T03:04:05.678Z"),
        what,
        1536L << 20,
        Path.of("last-words"));
  }

  @Test
  void onlyTheJvmsOwnErrorEndsAProcess() {
    OutOfMemoryError error = new OutOfMemoryError("Java heap space");
    assertThat(OutOfMemory.in(new IllegalStateException(new RuntimeException(error))))
        .isSameAs(error);
    assertThat(OutOfMemory.in(error)).isSameAs(error);
    // As Spark's, of a task that was refused more.
    assertThat(OutOfMemory.in(new OutOfMemoryError("refused") {})).isNull();
    assertThat(OutOfMemory.in(new StackOverflowError())).isNull();
    assertThat(OutOfMemory.in(null)).isNull();
  }
}
