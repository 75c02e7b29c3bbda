package dev.weir.lineage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A process that holds a lease, or asks for one.
 *
 * @param host the machine's name
 * @param pid its process id there
 * @param processStart when the process started, which with the pid tells it from a later one; null
 *     if the system does not say
 * @param user the operating system's user
 */
public record Holder(String host, long pid, @Nullable Instant processStart, String user) {
  /** Systems derive a process's start from the time since boot, and round it in several ways. */
  private static final Duration START_TOLERANCE = Duration.ofSeconds(5);

  public Holder {
    Objects.requireNonNull(host);
    Objects.requireNonNull(user);
  }

  /** This process. */
  public static Holder current() {
    ProcessHandle self = ProcessHandle.current();
    return new Holder(
        hostName(),
        self.pid(),
        self.info().startInstant().orElse(null),
        System.getProperty("user.name", "unknown"));
  }

  /** The machine's name, without asking the network, which may not know it. */
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException notLinux) {
      String name = System.getenv("COMPUTERNAME");
      if (name != null) {
        return name;
      }
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "localhost";
      }
    }
  }

  /** In words: {@code ada@ship, process 4711}. */
  public String text() {
    return "%s@%s, process %d".formatted(user, host, pid);
  }

  /** Whether the process is on this machine. */
  public boolean here() {
    return host.equals(hostName());
  }

  /** The process that took a lease. */
  public static Holder of(Fact.LeaseTaken taken) {
    return new Holder(taken.host(), taken.pid(), taken.processStart(), taken.user());
  }

  /** Whether the process is alive, as far as this machine, the same as its, can tell. */
  boolean alive() {
    Optional<ProcessHandle> found = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    if (found.isEmpty()) {
      return false;
    }
    Optional<Instant> start = found.get().info().startInstant();
    Instant claimed = processStart;
    return start.isEmpty()
        || claimed == null
        || Duration.between(claimed, start.get()).abs().compareTo(START_TOLERANCE) <= 0;
  }
}
