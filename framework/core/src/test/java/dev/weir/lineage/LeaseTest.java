package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.Home;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LeaseTest {
  private final Path folder;
  private final Home home;
  private final Events events;

  LeaseTest(@TempDir Path folder) {
    this.folder = folder;
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  /** Time passes only while somebody pauses, and something may happen meanwhile. */
  private static final class TestClock implements LeaseClock {
    private final Runnable meanwhile;
    private long nanos;
    private int pauses;

    TestClock(Runnable meanwhile) {
      this.meanwhile = meanwhile;
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant now() {
      return Instant.parse("2026-01-02T03:04:05Z");
    }

    @Override
    public void pause(Duration duration) {
      nanos += duration.toNanos();
      if (pauses++ == 2) {
        meanwhile.run();
      }
    }
  }

  private static LeaseRequest request(String run, String host, long pid, Instant start) {
    return new LeaseRequest(
        "credit", run, new Holder(host, pid, start, "ada"), Duration.ofSeconds(15));
  }

  private static LeaseRequest elsewhere(String run) {
    return request(run, "another-host", 1, Instant.EPOCH);
  }

  private static Fact.Heartbeat heartbeat(String run, int second) {
    return new Fact.Heartbeat(Instant.ofEpochSecond(second), "credit", run);
  }

  private Lease take(LeaseRequest request) {
    return Lease.take(events, request, (token, last, from) -> List.of(), new TestClock(() -> {}));
  }

  @Test
  void aLeaseGivenUpIsTakenWithTheNextToken() {
    for (int token = 1; token <= 3; token++) {
      Lease lease = take(new LeaseRequest("credit", "r" + token));
      assertThat(lease.token()).isEqualTo(token);
      assertThat(lease.takenFrom()).isEmpty();
      lease.log().commit(List.of(heartbeat("r" + token, token)));
      long version = lease.release(List.of(heartbeat("r" + token, token + 10)));
      assertThat(events.of(version)).containsExactly(heartbeat("r" + token, token + 10));
      assertThat(events.table().transactionVersion("weir/credit"))
          .hasValue(((long) token << 32) + 0xFFFFFFFFL);
      lease.close();
    }
  }

  @Test
  void factsMayComeWithTheTaking() {
    try (Lease lease =
        Lease.take(
            events,
            new LeaseRequest("credit", "r1"),
            (token, last, dead) -> List.of(heartbeat("r1", (int) token)),
            new TestClock(() -> {}))) {
      assertThat(lease.token()).isEqualTo(1);
    }
    List<Fact> first = events.of(1);
    assertThat(first).hasSize(2);
    assertThat(first.get(0)).isInstanceOf(Fact.LeaseTaken.class);
    assertThat(first.get(1)).isEqualTo(heartbeat("r1", 1));
  }

  @Test
  void aLiveHolderOnThisHostIsRefusedAtOnce() {
    try (Lease lease = take(new LeaseRequest("credit", "r1"))) {
      TestClock clock = new TestClock(() -> {});
      assertThatThrownBy(
              () ->
                  Lease.take(
                      events,
                      new LeaseRequest("credit", "r2"),
                      (token, last, from) -> List.of(),
                      clock))
          .isInstanceOf(WeirException.class)
          .hasMessage(
              "Pipeline credit is being run: run r1 holds it, on host %s in process %d of user %s, since 2026-01-02T03:04:05Z."
                  .formatted(
                      Holder.current().host(),
                      ProcessHandle.current().pid(),
                      Holder.current().user()))
          .satisfies(
              e -> {
                assertThat(((WeirException) e).code()).isEqualTo("lease-held");
                assertThat(((WeirException) e).kind()).isEqualTo(ErrorKind.USER);
                assertThat(((WeirException) e).remedy()).startsWith("Wait until it has ended");
              });
      assertThat(clock.nanos).isZero();
      try (Lease other = take(new LeaseRequest("bank", "r3"))) {
        assertThat(other.token()).isEqualTo(lease.token());
      }
    }
  }

  @Test
  void aDeadHolderOnThisHostIsFollowedAtOnce() {
    // This process's id, but of a process that started long before.
    Holder self = Holder.current();
    Lease dead =
        take(request("r1", self.host(), self.pid(), Instant.parse("2001-01-01T00:00:00Z")));
    TestClock clock = new TestClock(() -> {});
    try (Lease lease =
        Lease.take(
            events, new LeaseRequest("credit", "r2"), (token, last, from) -> List.of(), clock)) {
      assertThat(clock.nanos).isZero();
      assertThat(lease.token()).isEqualTo(2);
      assertThat(lease.takenFrom()).map(Fact.LeaseTaken::run).contains("r1");
      // The one thought dead wakes up.
      CompletableFuture<Long> late = dead.log().submit(List.of(heartbeat("r1", 1)));
      assertThatThrownBy(late::join)
          .hasCauseInstanceOf(WeirException.class)
          .hasMessageContaining("Run r1 lost the lease of pipeline credit");
      assertThatThrownBy(() -> dead.log().commit(List.of(heartbeat("r1", 2))))
          .isInstanceOf(WeirException.class)
          .satisfies(e -> assertThat(((WeirException) e).code()).isEqualTo("lease-lost"));
      assertThatThrownBy(() -> dead.release(List.of()))
          .isInstanceOf(WeirException.class)
          .hasMessageContaining("lost the lease");
      assertThat(lease.log().commit(List.of(heartbeat("r2", 3)))).isPositive();
    }
    assertThat(Events.all(events.table().latest()))
        .doesNotContain(heartbeat("r1", 1), heartbeat("r1", 2));
  }

  @Test
  void aSilentHolderElsewhereIsFollowedAfterItsLeaseHasExpired() {
    take(elsewhere("r1"));
    TestClock clock = new TestClock(() -> {});
    try (Lease lease =
        Lease.take(
            events, new LeaseRequest("credit", "r2"), (token, last, from) -> List.of(), clock)) {
      assertThat(lease.token()).isEqualTo(2);
      assertThat(Duration.ofNanos(clock.nanos)).isEqualTo(Duration.ofSeconds(15));
      assertThat(lease.takenFrom()).map(Fact.LeaseTaken::run).contains("r1");
    }
  }

  @Test
  void aHolderElsewhereThatGivesASignOfLifeIsLeftAlone() {
    Lease holder = take(elsewhere("r1"));
    TestClock clock = new TestClock(() -> holder.log().commit(List.of(heartbeat("r1", 1))));
    assertThatThrownBy(
            () ->
                Lease.take(
                    events,
                    new LeaseRequest("credit", "r2"),
                    (token, last, from) -> List.of(),
                    clock))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("run r1 holds it, on host another-host in process 1 of user ada");
    assertThat(Duration.ofNanos(clock.nanos)).isLessThan(Duration.ofSeconds(15));
    holder.close();
  }

  @Test
  void aHolderElsewhereThatEndsIsFollowed() {
    Lease holder = take(elsewhere("r1"));
    TestClock clock = new TestClock(() -> holder.release(List.of()));
    try (Lease lease =
        Lease.take(
            events, new LeaseRequest("credit", "r2"), (token, last, from) -> List.of(), clock)) {
      assertThat(lease.token()).isEqualTo(2);
      assertThat(lease.takenFrom()).isEmpty();
    }
  }

  @Test
  void ofManyAtOnceOneTakesIt() throws Exception {
    int takers = 4;
    ExecutorService threads = Executors.newFixedThreadPool(takers);
    for (int round = 1; round <= 5; round++) {
      CountDownLatch start = new CountDownLatch(1);
      AtomicInteger refused = new AtomicInteger();
      List<Future<Lease>> leases = new ArrayList<>();
      for (int i = 0; i < takers; i++) {
        String run = "r" + round + "-" + i;
        leases.add(
            threads.submit(
                () -> {
                  try (Home own = Home.open(folder)) {
                    Events opened = Events.open(own);
                    start.await();
                    return Lease.take(opened, new LeaseRequest("credit", run));
                  } catch (WeirException e) {
                    assertThat(e.code()).isEqualTo("lease-held");
                    refused.incrementAndGet();
                    return null;
                  }
                }));
      }
      start.countDown();
      List<Lease> taken = new ArrayList<>();
      for (Future<Lease> lease : leases) {
        if (lease.get() != null) {
          taken.add(lease.get());
        }
      }
      assertThat(taken).hasSize(1);
      assertThat(refused).hasValue(takers - 1);
      assertThat(taken.get(0).token()).isEqualTo(round);
      taken.get(0).close();
    }
    threads.shutdown();
  }

  /** Takes the lease, says so, and holds it until its input ends. */
  static final class Taker {
    private Taker() {}

    public static void main(String[] arguments) throws IOException {
      try (Home home = Home.open(Path.of(arguments[0]))) {
        Lease.take(Events.open(home), new LeaseRequest("credit", arguments[1]));
        System.out.println("taken");
        System.in.read();
        // Ends without a word, like a driver that is killed.
        Runtime.getRuntime().halt(1);
      } catch (WeirException e) {
        System.out.println(e.code());
      }
    }
  }

  private Process start(String run) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path", "")),
            Taker.class.getName(),
            folder.toString(),
            run)
        .redirectError(new File(folder.toFile(), run + ".log"))
        .start();
  }

  private static String answer(Process process) throws IOException {
    return new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
        .readLine();
  }

  @Test
  void ofTwoProcessesOneTakesItAndIsFollowedOnceItIsDead() throws Exception {
    Process one = start("p1");
    Process two = start("p2");
    List<String> answers = List.of(answer(one), answer(two));
    assertThat(answers).containsExactlyInAnyOrder("taken", "lease-held");
    Process holder = answers.get(0).equals("taken") ? one : two;
    assertThatThrownBy(() -> Lease.take(events, new LeaseRequest("credit", "r1")))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("in process " + holder.pid());
    holder.destroyForcibly().waitFor();
    try (Lease lease = Lease.take(events, new LeaseRequest("credit", "r1"))) {
      assertThat(lease.token()).isEqualTo(2);
      assertThat(lease.takenFrom()).map(Fact.LeaseTaken::pid).contains(holder.pid());
    }
  }
}
