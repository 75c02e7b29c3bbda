package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HomeTest {
  private final Path folder;

  HomeTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aHomeIsMadeOnceAndSaysItsFormat() throws IOException {
    Path place = folder.resolve("a home");
    assertThat(Home.existing(place.toUri(), Map.of())).isEmpty();
    Home home = Home.open(place);
    assertThat(Files.readString(place.resolve("weir-home.json"))).isEqualTo("{\"format\":1}\n");
    assertThat(home.path()).isEqualTo("file:" + place);
    assertThat(Home.existing(place.toUri(), Map.of())).isPresent();
    assertThat(Home.open(place).path()).isEqualTo(home.path());
  }

  @Test
  void aNewerFormatIsRefused() throws IOException {
    Files.writeString(folder.resolve("weir-home.json"), "{\"format\":2}");
    assertThatThrownBy(() -> Home.open(folder))
        .isInstanceOf(WeirException.class)
        .hasMessage(
            "The home file:%s has format 2, and this Weir knows formats up to 1: a newer Weir made it."
                .formatted(folder));
  }

  @Test
  void whatIsNoFormatIsRefused() throws IOException {
    Files.createFile(folder.resolve("weir-home.json"));
    assertThatThrownBy(() -> Home.open(folder))
        .isInstanceOf(WeirException.class)
        .hasMessageEndingWith("weir-home.json holds nothing, not the home's format.");
  }

  @Test
  void aStoreThatCanNotPutIfAbsentIsRefusedWithTheReason() {
    assertThatThrownBy(() -> Store.of(URI.create("s3a://bucket/home"), Map.of()))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("no log store is configured")
        .satisfies(
            e ->
                assertThat(((WeirException) e).remedy())
                    .contains("io.delta.kernel.logStore.s3a.impl"));
    assertThatThrownBy(
            () ->
                Store.of(
                    URI.create("s3a://bucket/home"),
                    Map.of(
                        "io.delta.kernel.logStore.s3a.impl",
                        "io.delta.storage.S3SingleDriverLogStore")))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("keeps order among the threads of one driver only");
    assertThatThrownBy(() -> Store.of(URI.create("ftp://host/home"), Map.of()))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("'ftp', which is not known to put a file in place only if");
  }

  @Test
  void sparksLogStoreDoesNotOverwrite() throws IOException {
    LocalLogStore store = new LocalLogStore(new Configuration(false));
    var path = new org.apache.hadoop.fs.Path("file:" + folder.resolve("00000000000000000000.json"));
    store.write(path, List.of("{\"a\":1}").iterator(), false, new Configuration(false));
    assertThatThrownBy(
            () ->
                store.write(path, List.of("{\"a\":2}").iterator(), false, new Configuration(false)))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(folder.resolve("00000000000000000000.json")).hasContent("{\"a\":1}");
    store.write(path, List.of("{\"a\":3}").iterator(), true, new Configuration(false));
    assertThat(folder.resolve("00000000000000000000.json")).hasContent("{\"a\":3}");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }
}
