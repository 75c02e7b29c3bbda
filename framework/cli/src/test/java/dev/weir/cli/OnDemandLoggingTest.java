package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.SubstituteServiceProvider;

class OnDemandLoggingTest {
  @Test
  void keepsWhatIsWorthItAndAsksTheRealOneFromThenOn() {
    SubstituteServiceProvider real = new SubstituteServiceProvider();
    var lines = real.getSubstituteLoggerFactory().getEventQueue();
    ILoggerFactory factory = new OnDemandLogging(() -> real).getLoggerFactory();
    Logger other = factory.getLogger("org.other");
    Logger own = factory.getLogger("dev.weir.run.Runner");
    Logger young = factory.getLogger("io.delta.kernel.internal.snapshot.SnapshotManager");
    assertThat(other.isInfoEnabled()).isFalse();
    assertThat(other.isWarnEnabled()).isTrue();
    assertThat(own.isInfoEnabled()).isTrue();
    assertThat(own.isDebugEnabled()).isFalse();
    young.warn("Cannot find a complete checkpoint");
    other.info("nothing to see");
    assertThat(lines).isEmpty();

    IllegalStateException cause = new IllegalStateException("gone");
    other.warn("{} of {} lost", 2, 3, cause);

    assertThat(lines).hasSize(1);
    assertThat(lines.peek().getLevel()).isEqualTo(Level.WARN);
    assertThat(lines.peek().getLoggerName()).isEqualTo("org.other");
    assertThat(lines.peek().getMessage()).isEqualTo("{} of {} lost");
    assertThat(lines.peek().getArgumentArray()).containsExactly(2, 3);
    assertThat(lines.peek().getThrowable()).isSameAs(cause);
    other.info("worth asking about now");
    assertThat(lines).hasSize(2);
  }
}
