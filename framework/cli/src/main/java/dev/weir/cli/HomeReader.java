package dev.weir.cli;

import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageSnapshot;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.LineageTables;
import dev.weir.store.Home;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A home that is looked at, without Spark. A folder that is no home yet reads as an empty one. */
final class HomeReader implements AutoCloseable {
  private final URI location;
  private final @Nullable Home home;
  private final @Nullable Events events;

  private HomeReader(URI location, @Nullable Home home, @Nullable Events events) {
    this.location = location;
    this.home = home;
    this.events = events;
  }

  static HomeReader open(URI location) {
    Optional<Home> home = Home.existing(location, Map.of());
    return new HomeReader(location, home.orElse(null), home.flatMap(Events::existing).orElse(null));
  }

  Optional<Home> home() {
    return Optional.ofNullable(home);
  }

  /** The events; throws if nothing has been run in the home yet. */
  Events events() {
    Events found = events;
    if (found == null) {
      throw WeirException.user(
          "empty-home",
          "Nothing has been run in the home %s yet.".formatted(location),
          "Run a pipeline first, such as ./weir run credit, or name another home with --home.");
    }
    return found;
  }

  /** The lineage as it is now, what is under way included. */
  LineageReader lineage() {
    return LineageReader.open(events());
  }

  /** Brings the lineage tables up to date. */
  LineageSnapshot update() {
    return LineageTables.of(events()).update();
  }

  /** Where a lineage table lies, as Delta takes it. */
  String path(LineageTable table) {
    return LineageTables.of(events()).table(table).path();
  }

  @Override
  public void close() {
    if (home != null) {
      home.close();
    }
  }
}
