package dev.weir.run;

import dev.weir.lineage.LineageReader;
import dev.weir.store.Home;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The lineage of a home, read in the background while it is made out what is to run in it: to open
 * a home takes as long as to read a pipeline. What it says may be old by the time it is used, which
 * the taking of the lease shows.
 */
public final class LineageAhead implements AutoCloseable {
  private final CompletableFuture<Optional<LineageReader>> lineage;
  private boolean taken;

  private LineageAhead(CompletableFuture<Optional<LineageReader>> lineage) {
    this.lineage = lineage;
  }

  /** Nothing was read ahead. */
  public static LineageAhead none() {
    return new LineageAhead(CompletableFuture.completedFuture(Optional.empty()));
  }

  /**
   * Begins to read a home that is local, for which no settings of Hadoop are needed. Makes nothing
   * where there is none.
   */
  public static LineageAhead of(URI home) {
    if (!"file".equals(home.getScheme())) {
      return none();
    }
    return new LineageAhead(Aside.begin(() -> open(home)));
  }

  private static Optional<LineageReader> open(URI location) {
    Optional<Home> home = Home.existing(location, Map.of());
    Optional<LineageReader> lineage = Optional.empty();
    try {
      lineage = home.flatMap(LineageReader::existing);
      return lineage;
    } finally {
      if (lineage.isEmpty()) {
        home.ifPresent(Home::close);
      }
    }
  }

  /**
   * What was read, whose home is the caller's to close; empty if there is none yet. For one caller.
   *
   * @throws RuntimeException what opening the home throws
   */
  Optional<LineageReader> lineage() {
    taken = true;
    return Aside.await(lineage);
  }

  /** Closes the home that nobody has taken. */
  @Override
  public void close() {
    if (!taken) {
      var unused = lineage.thenAccept(read -> read.ifPresent(r -> r.table().home().close()));
    }
  }
}
