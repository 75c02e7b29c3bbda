package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunWatchTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private final Path folder;
  private final Home home;
  private final Events events;
  private final TestClock clock = new TestClock();

  RunWatchTest(@TempDir Path folder) {
    this.folder = folder;
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  /** Time passes only while somebody pauses. */
  private static final class TestClock implements LeaseClock {
    private long nanos;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant now() {
      return START.plusNanos(nanos);
    }

    @Override
    public void pause(Duration duration) {
      nanos += duration.toNanos();
    }
  }

  private Lease take(String run, Holder holder) {
    return Lease.take(
        events,
        new LeaseRequest("credit", run, holder, Duration.ofSeconds(15)),
        (token, last, dead) -> List.of(started(run, token)),
        clock);
  }

  private static Fact started(String run, long token) {
    return new Fact.RunStarted(
        START,
        "credit",
        run,
        token,
        "{}",
        Map.of(),
        Map.of(),
        List.of("train"),
        Map.of(),
        Fact.Snapshot.NONE,
        Map.of(),
        Fact.Choice.ALL);
  }

  private static Fact began(String run) {
    return new Fact.StageStarted(
        START.plusSeconds(1), "credit", run, "train", 1, "com.example.Train", "{}", null, null);
  }

  private static Fact ended(String run, RunState state) {
    return new Fact.RunFinished(START.plusSeconds(2), START, "credit", run, state, null);
  }

  private static List<String> kinds(List<Fact> facts) {
    return facts.stream().map(Facts::kind).toList();
  }

  @Test
  void newsIsToldOnceUntilTheRunHasEnded() {
    RunWatch watch = RunWatch.of(events, "r1", clock);
    try (Lease lease = take("r1", Holder.current())) {
      assertThat(kinds(watch.news())).containsExactlyInAnyOrder("run-started", "lease-taken");
      assertThat(watch.holder()).isEqualTo(Holder.current());
      assertThat(watch.news()).isEmpty();

      lease.log().commit(List.of(began("r1")));
      lease.log().commit(List.of(new Fact.Heartbeat(START, "credit", "r1")));
      assertThat(watch.news()).containsExactly(began("r1"));
      assertThat(watch.state()).isEqualTo(RunState.RUNNING);

      lease.release(List.of(ended("r1", RunState.HALTED)));
      assertThat(watch.news()).containsExactly(ended("r1", RunState.HALTED));
      assertThat(watch.state()).isEqualTo(RunState.HALTED);
    }
    assertThat(watch.news()).isEmpty();
    assertThat(RunWatch.of(events, "r1", clock).news()).hasSize(4);
  }

  @Test
  void whatOtherRunsSayIsNoNews() {
    try (Lease lease = take("r1", Holder.current())) {
      RunWatch watch = RunWatch.of(events, "r1", clock);
      assertThat(watch.news()).hasSize(2);
      lease.log().commit(List.of(began("r2")));
      assertThat(watch.news()).isEmpty();
    }
  }

  @Test
  void aRunWhoseProcessIsGoneIsInterrupted() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    Lease lease =
        take("r1", new Holder(Holder.current().host(), process.pid(), Instant.EPOCH, "ada"));
    RunWatch watch = RunWatch.of(events, "r1", clock);

    assertThat(watch.news()).hasSize(2);
    assertThat(watch.state()).isEqualTo(RunState.INTERRUPTED);
    lease.close();
  }

  @Test
  void aRunThatLostItsLeaseIsInterrupted() {
    Lease lease = take("r1", new Holder("another-host", 1, Instant.EPOCH, "ada"));
    RunWatch watch = RunWatch.of(events, "r1", clock);
    assertThat(watch.news()).hasSize(2);
    assertThat(watch.state()).isEqualTo(RunState.RUNNING);

    // The next run waits for as long as the lease is good.
    try (Lease next = take("r2", Holder.current())) {
      assertThat(next.takenFrom()).isPresent();
      assertThat(watch.news()).isEmpty();
      assertThat(watch.state()).isEqualTo(RunState.INTERRUPTED);
    }
    lease.close();
  }

  @Test
  void aRunElsewhereIsInterruptedOnceItHasLongBeenSilent() {
    Lease lease = take("r1", new Holder("another-host", 1, Instant.EPOCH, "ada"));
    RunWatch watch = RunWatch.of(events, "r1", clock);
    assertThat(watch.news()).hasSize(2);
    clock.pause(Duration.ofSeconds(30));
    assertThat(watch.news()).isEmpty();
    assertThat(watch.state()).isEqualTo(RunState.RUNNING);

    lease.log().commit(List.of(new Fact.Heartbeat(START, "credit", "r1")));
    clock.pause(Duration.ofSeconds(6));
    assertThat(watch.news()).isEmpty();
    clock.pause(Duration.ofSeconds(30));
    assertThat(watch.news()).isEmpty();
    assertThat(watch.state()).isEqualTo(RunState.RUNNING);

    clock.pause(Duration.ofSeconds(6));
    assertThat(watch.news()).isEmpty();
    assertThat(watch.state()).isEqualTo(RunState.INTERRUPTED);
    lease.close();
  }

  @Test
  void commitsThatAreNoLongerInTheLogAreNotMissed() throws IOException {
    try (Lease lease = take("r1", Holder.current())) {
      RunWatch watch = RunWatch.of(events, "r1", clock);
      assertThat(watch.news()).hasSize(2);
      lease.log().commit(List.of(began("r1")));
      Path log = folder.resolve(Events.PATH).resolve("_delta_log");
      // The log begins with the checkpoint of the hundredth commit.
      while (events.table().latestVersion() < 101) {
        lease.log().commit(List.of(new Fact.Heartbeat(START, "credit", "r1")));
      }
      Path checkpoint = log.resolve("%020d.checkpoint.parquet".formatted(100));
      while (!Files.exists(checkpoint) || !Files.exists(log.resolve("_last_checkpoint"))) {
        Thread.onSpinWait();
      }
      for (int version = 0; version <= 50; version++) {
        Files.deleteIfExists(log.resolve("%020d.json".formatted(version)));
      }

      // The next commit's name is believed to be all there is to see, but not for long.
      assertThat(watch.news()).isEmpty();
      clock.pause(Duration.ofSeconds(6));
      assertThat(watch.news()).containsExactly(began("r1"));
      assertThat(watch.news()).isEmpty();
    }
  }
}
