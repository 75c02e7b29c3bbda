package dev.weir.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A file system of its own that is soon full; only those who may mount one can test with it. */
final class SmallDisk {
  private final Path folder;

  /** One that is mounted already. */
  SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Mounts one in an empty folder, or skips the test and says why. */
  static SmallDisk mount(Path folder, String size) throws Exception {
    String error;
    try {
      error = run(List.of("mount", "-t", "tmpfs", "-o", "size=" + size, "none", folder.toString()));
    } catch (IOException e) {
      error = String.valueOf(e.getMessage());
    }
    Assumptions.assumeTrue(error.isEmpty(), "no small disk can be mounted here: " + error);
    return new SmallDisk(folder);
  }

  private static String run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return process.waitFor() == 0 ? "" : "it ended with an error. " + said;
  }

  private Path ballast() {
    return folder.resolve("ballast");
  }

  /** Leaves room for so many bytes, in whole pages. */
  void fill(long left) throws IOException {
    long room = Files.getFileStore(folder).getUsableSpace() - left;
    try (OutputStream out = Files.newOutputStream(ballast())) {
      byte[] page = new byte[4096];
      for (long written = 0; written + page.length <= room; written += page.length) {
        out.write(page);
      }
    } catch (IOException e) {
      // Full already: what is written in the background, such as checksums, took some of it.
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw e;
      }
    }
  }

  /** Makes room again. */
  void free() throws IOException {
    Files.deleteIfExists(ballast());
  }

  void unmount() throws Exception {
    String error = run(List.of("umount", "-l", folder.toString()));
    if (!error.isEmpty()) {
      throw new IOException("Could not unmount " + folder + ": " + error);
    }
  }
}
