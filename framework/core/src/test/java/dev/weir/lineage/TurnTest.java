package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Waiting for a lease, leases of runs beside each other, and what their holders hear. */
final class TurnTest {
  private final Home home;
  private final Events events;
  private final TestClock clock = new TestClock();

  TurnTest(@TempDir Path folder) {
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  private static final class TestClock implements LeaseClock {
    private Duration time = Duration.ZERO;

    @Override
    public long nanos() {
      return time.toNanos();
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public void pause(Duration duration) {
      time = time.plus(duration);
    }
  }

  private static LeaseRequest request(String run, boolean beside) {
    return new LeaseRequest("credit", run, Holder.current(), LeaseRequest.DEFAULT_LENGTH, beside);
  }

  private Turn turn() {
    return Turn.of(events, new LeaseRequest("credit", "r9"), clock);
  }

  @Test
  void aLeaseIsTakenUntilItIsGivenUp() {
    Turn turn = turn();
    assertThat(turn.taken()).isFalse();
    for (String run : List.of("r1", "r2")) {
      Lease lease = Lease.take(events, new LeaseRequest("credit", run));
      assertThat(turn.taken()).isTrue();
      assertThat(turn.holder()).map(Fact.LeaseTaken::run).contains(run);
      lease.log().commit(List.of(new Fact.Heartbeat(Instant.EPOCH, "credit", run)));
      assertThat(turn.taken()).isTrue();
      assertThat(turn.holder()).map(Fact.LeaseTaken::run).contains(run);
      lease.close();
      assertThat(turn.taken()).isFalse();
      assertThat(turn.holder()).isEmpty();
    }
  }

  @Test
  void aDeadProcessOfThisMachineHoldsNothing() {
    Holder self = Holder.current();
    Holder dead = new Holder(self.host(), self.pid(), Instant.parse("2001-01-01T00:00:00Z"), "ada");
    try (Lease lease =
        Lease.take(events, new LeaseRequest("credit", "r1", dead, LeaseRequest.DEFAULT_LENGTH))) {
      assertThat(lease.token()).isEqualTo(1);
      assertThat(turn().taken()).isFalse();
    }
  }

  @Test
  void aHolderElsewhereIsBelievedForTheLengthOfItsLease() {
    Holder elsewhere = new Holder("another-host", 1, null, "ada");
    try (Lease lease =
        Lease.take(events, new LeaseRequest("credit", "r1", elsewhere, Duration.ofMinutes(10)))) {
      Turn turn = turn();
      assertThat(turn.taken()).isTrue();
      clock.pause(Duration.ofMinutes(9));
      assertThat(turn.taken()).isTrue();
      lease.log().commit(List.of(new Fact.Heartbeat(Instant.EPOCH, "credit", "r1")));
      assertThat(turn.taken()).isTrue();
      clock.pause(Duration.ofMinutes(9));
      assertThat(turn.taken()).isTrue();
      clock.pause(Duration.ofMinutes(1));
      assertThat(turn.taken()).isFalse();
    }
  }

  @Test
  void runsBesideEachOtherHaveLeasesOfTheirOwn() {
    try (Lease whole = Lease.take(events, request("r0", false));
        Lease one = Lease.take(events, request("r1", true));
        Lease two = Lease.take(events, request("r2", true))) {
      assertThat(List.of(whole.token(), one.token(), two.token())).containsOnly(1L);
      assertThat(List.of(whole.scope(), one.scope(), two.scope()))
          .containsExactly("credit", "credit/r1", "credit/r2");
      assertThatThrownBy(() -> Lease.take(events, request("r1", true)))
          .isInstanceOf(WeirException.class)
          .hasMessageContaining("run r1 holds it");
      assertThatThrownBy(() -> Lease.take(events, request("r3", false)))
          .isInstanceOf(WeirException.class)
          .hasMessageContaining("run r0 holds it");
      LineageReader reader = LineageReader.open(events);
      assertThat(reader.beside("credit", "r1")).isTrue();
      assertThat(reader.beside("credit", "r0")).isFalse();
      one.release(List.of());
      assertThat(Lease.take(events, request("r1", true)).token()).isEqualTo(2);
    }
  }

  @Test
  void aDriverHearsWhatIsAskedOfItsRunAndOnlyThat() {
    Cancellation.ask(events, "credit", "r1", "asked of the process before");
    try (Lease lease = Lease.take(events, request("r1", false))) {
      Cancellation listening = Cancellation.of(events, lease, "r1");
      assertThat(listening.heard()).isEmpty();
      lease.log().commit(List.of(new Fact.Heartbeat(Instant.EPOCH, "credit", "r1")));
      Cancellation.ask(events, "credit", "r2", "another run");
      assertThat(listening.heard()).isEmpty();
      Cancellation.ask(events, "credit", "r1", "the till is empty");
      assertThat(listening.heard())
          .get()
          .satisfies(
              request ->
                  assertThat(request.text())
                      .isEqualTo(
                          "It was cancelled by "
                              + Holder.current().text()
                              + ": the till is empty"));
      assertThat(listening.heard()).isEmpty();
    }
  }
}
