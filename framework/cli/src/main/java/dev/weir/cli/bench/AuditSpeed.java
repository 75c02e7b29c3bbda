package dev.weir.cli.bench;

import dev.weir.audit.AuditChain;
import dev.weir.audit.AuditHead;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.store.Home;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long it takes to verify a long audit chain: rows are put into it by the writer that puts them
 * there in earnest, and {@code weir audit verify} is timed as a whole process.
 */
public final class AuditSpeed {
  private static final int ROWS_A_COMMIT = 1_000;

  private AuditSpeed() {}

  /**
   * What was measured.
   *
   * @param rows how many rows the chain had
   * @param built how long it took to make what was missing of it, in seconds
   * @param verified how long the process took that verified it, in seconds, each time
   */
  public record Speed(long rows, double built, List<Double> verified) {
    public Speed {
      verified = List.copyOf(verified);
    }
  }

  /**
   * Lengthens the chain of a home to a number of rows, and verifies it.
   *
   * @param home is made if it is not there
   * @param rows how many rows the chain has at least
   * @param times how often it is verified
   */
  public static Speed measure(URI home, int rows, int times)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    long length = build(home, rows);
    double built = (System.nanoTime() - began) / 1e9;
    Path project = Files.createTempDirectory("weir-audit-speed");
    List<Double> verified = new ArrayList<>();
    try {
      Files.createDirectories(project.resolve("conf"));
      Files.writeString(project.resolve("conf/weir.yaml"), "");
      for (int i = 0; i < times; i++) {
        verified.add(verify(project, home));
      }
    } finally {
      Folders.remove(project);
    }
    return new Speed(length, built, verified);
  }

  private static long build(URI location, int rows) {
    Actor actor = new Actor("bench", "localhost", null);
    try (Home home = Home.open(location, Map.of())) {
      Events events = Events.open(home);
      AuditChain chain = AuditChain.of(events, Optional.empty());
      AuditHead head = chain.extend();
      for (int round = 0; head.number() < rows; round++) {
        List<Fact.Deed> deeds = new ArrayList<>();
        for (int i = 0; i < ROWS_A_COMMIT; i++) {
          deeds.add(
              new Fact.ModelReviewed(
                  Instant.now(),
                  actor,
                  "model:bench.model@" + (round * ROWS_A_COMMIT + i + 1),
                  i % 3 == 0 ? Fact.Review.REJECTED : Fact.Review.APPROVED,
                  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                  "dataset:bench.evaluation@" + i,
                  "Better than the one before by " + i + " of a thousand",
                  null));
        }
        events.append(deeds);
        head = chain.extend();
      }
      return head.number();
    }
  }

  private static double verify(Path project, URI home) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // As the launcher starts it.
            "-XX:+UseSerialGC",
            "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.weir.cli.Main",
            "audit",
            "verify",
            "--home",
            home.toString());
    long began = System.nanoTime();
    try (ChildProcess process = ChildProcess.start(project, command, Map.of())) {
      ChildProcess.Ended ended = process.await();
      if (ended.code() != 0) {
        throw new IllegalStateException(
            "The chain is not whole: "
                + String.join("\n", ended.out())
                + Files.readString(ended.errors()));
      }
    }
    return (System.nanoTime() - began) / 1e9;
  }

  /** Measures: {@code AuditSpeed [folder [rows]]}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("weir-audit");
    int rows = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
    Speed speed = measure(folder.toUri(), rows, 3);
    System.out.printf(
        "%d rows made in %.1f s, verified by a process of its own in %s s%n",
        speed.rows(), speed.built(), speed.verified().stream().map("%.2f"::formatted).toList());
  }
}
