package dev.weir.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutsideTest {
  private final Path folder;

  OutsideTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** Local files are looked at without Hadoop's settings; asked for them, it fails. */
  private Outside withoutHadoop() {
    return new Outside(
        folder.toUri(),
        () -> {
          throw new IllegalStateException("Hadoop's settings were asked for");
        },
        Map.of());
  }

  private org.apache.hadoop.fs.Path at(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }

  @Test
  void localFilesAreFoundAsHadoopFindsThem() throws IOException {
    Outside outside = withoutHadoop();
    Outside hadoop = new Outside(folder.toUri(), new Configuration());
    Files.createDirectories(folder.resolve("a b/ü %20"));
    Files.writeString(folder.resolve("a b/x=1"), "some");
    Files.createSymbolicLink(folder.resolve("a b/linked"), folder.resolve("a b/x=1"));
    Files.writeString(folder.resolve("a b/2026-11-29T06:15.csv"), "some");
    Files.createSymbolicLink(folder.resolve("a b/nowhere"), folder.resolve("gone"));
    Files.createSymbolicLink(folder.resolve("a b/itself"), folder.resolve("a b/itself"));
    for (FileStatus found : outside.list(at("a b"))) {
      FileStatus known = hadoop.fileSystem(found.getPath()).getFileStatus(found.getPath());
      assertThat(found.getPath()).isEqualTo(known.getPath());
      assertThat(found.isDirectory()).isEqualTo(known.isDirectory());
      assertThat(found.getModificationTime()).isEqualTo(known.getModificationTime());
      if (!found.isDirectory()) {
        assertThat(found.getLen()).isEqualTo(known.getLen()).isEqualTo(4);
        try (InputStream in = outside.open(found.getPath())) {
          assertThat(in.readAllBytes()).hasSize(4);
        }
      }
    }
    assertThat(outside.list(at("a b")))
        .extracting(found -> found.getPath().getName())
        .containsExactlyInAnyOrder("ü %20", "x=1", "linked", "2026-11-29T06:15.csv");
    assertThat(outside.qualified(at("a b")))
        .isEqualTo(hadoop.fileSystem(at("a b")).makeQualified(at("a b")));
  }

  @Test
  void whatIsNotThereIsNoError() throws IOException {
    Outside outside = withoutHadoop();
    Files.writeString(folder.resolve("file"), "some");
    assertThat(outside.status(at("none"))).isEmpty();
    assertThat(outside.status(at("none/deeper"))).isEmpty();
    assertThat(outside.status(at("file/below"))).isEmpty();
    assertThat(outside.status(at("file/below/deeper"))).isEmpty();
    assertThat(outside.status(at("file"))).isPresent();
  }

  @Test
  void ofOtherFileSystemsHadoopIsAsked() {
    assertThatThrownBy(
            () -> withoutHadoop().status(new org.apache.hadoop.fs.Path("hdfs://name/file")))
        .hasMessage("Hadoop's settings were asked for");
  }
}
