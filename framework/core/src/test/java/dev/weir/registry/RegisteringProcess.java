package dev.weir.registry;

import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.Registrations;
import dev.weir.store.Home;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A process that registers one version, and may be killed while it does. */
final class RegisteringProcess {
  static final ModelName MODEL = ModelName.parse("crowd.model");

  /** How many commits after it began to register the process gets to make; -1 for all. */
  private static final AtomicInteger LEFT = new AtomicInteger(-1);

  private RegisteringProcess() {}

  /** Is told of each commit of its process before that is made, and kills the process at one. */
  public static final class Killer implements Consumer<String> {
    @Override
    public void accept(String file) {
      if (file.endsWith(".json") && LEFT.get() >= 0 && LEFT.getAndDecrement() == 0) {
        kill();
      }
    }
  }

  private static void kill() {
    try {
      new ProcessBuilder("kill", "-KILL", String.valueOf(ProcessHandle.current().pid()))
          .start()
          .waitFor();
      // Nothing more is done until it comes.
      new CountDownLatch(1).await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Registers the candidate of a run, which has a pipeline of its own.
   *
   * @param commits how many commits it gets to make before it is killed; -1 for all
   */
  static ModelVersion register(Home home, String run, int commits) {
    Events events = Events.open(home);
    try (Lease lease = Lease.take(events, new LeaseRequest("of-" + run, run))) {
      LEFT.set(commits);
      return Registrations.register(
          events,
          lease,
          MODEL,
          run,
          "register",
          number ->
              List.of(
                  new Fact.ModelRegistered(
                      Instant.now(),
                      "of-" + run,
                      run,
                      "register",
                      1,
                      "model:" + MODEL + "@" + number,
                      "candidate:" + MODEL + "@" + run,
                      null,
                      "digest-" + run)));
    }
  }

  /** {@code home run commits}: says that it is there, waits for a file and registers. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    try (Home home = Home.open(folder)) {
      Files.createFile(folder.resolveSibling(arguments[1] + ".ready"));
      while (!Files.exists(folder.resolveSibling("go"))) {
        Thread.sleep(5);
      }
      System.out.println(register(home, arguments[1], Integer.parseInt(arguments[2])));
    }
  }
}
