package dev.weir.cli;

import dev.weir.alert.Outbox;
import dev.weir.config.AlertSettings;
import dev.weir.config.Project;
import dev.weir.lineage.Events;
import java.io.PrintStream;
import java.net.URI;
import java.util.Optional;

/**
 * Delivers the alerts that earlier processes have left, and finds runs whose processes are dead.
 */
final class LeftAlerts {
  private LeftAlerts() {}

  /**
   * Where nobody is to be told of anything, this is nothing. A failure of it is said, not thrown.
   */
  static void deliver(Project project, URI location, PrintStream err) {
    AlertSettings settings = project.config().alerts();
    if (settings == null) {
      return;
    }
    try (HomeReader home = HomeReader.open(location)) {
      Optional<Events> events = home.home().flatMap(Events::existing);
      if (events.isPresent()) {
        Outbox.clear(events.get(), settings, System.getenv(), line -> err.println("weir: " + line));
      }
    } catch (RuntimeException e) {
      err.println("weir: Alerts could not be delivered: " + e.getMessage());
    }
  }
}
