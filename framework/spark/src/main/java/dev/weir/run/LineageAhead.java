package dev.weir.run;

import dev.weir.background.Background;
import dev.weir.lineage.LineageReader;
import dev.weir.store.Home;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The lineage of a home, and what it says of a pipeline, read in the background while the pipeline
 * itself is: either takes as long as the other. What it says may be old by the time it is used,
 * which the taking of the lease shows.
 */
public final class LineageAhead implements AutoCloseable {
  private final CompletableFuture<Optional<Past>> past;
  private boolean taken;

  private LineageAhead(CompletableFuture<Optional<Past>> past) {
    this.past = past;
  }

  /** Nothing was read ahead. */
  public static LineageAhead none() {
    return new LineageAhead(CompletableFuture.completedFuture(Optional.empty()));
  }

  /**
   * Begins to read a home that is local, for which no settings of Hadoop are needed. Makes nothing
   * where there is none.
   *
   * @param pipeline the name of what is going to run
   */
  public static LineageAhead of(URI home, String pipeline) {
    if (!"file".equals(home.getScheme())) {
      return none();
    }
    return new LineageAhead(Aside.begin(() -> open(home, pipeline)));
  }

  private static Optional<Past> open(URI location, String pipeline) {
    Optional<Home> home = Home.existing(location, Map.of());
    Optional<LineageReader> lineage = Optional.empty();
    try {
      lineage = home.flatMap(LineageReader::existing);
      return lineage.map(reader -> Past.of(reader, pipeline));
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
  Optional<Past> past() {
    taken = true;
    return Background.await(past);
  }

  /** Closes the home that nobody has taken. */
  @Override
  public void close() {
    if (!taken) {
      var unused = past.thenAccept(read -> read.ifPresent(p -> p.lineage().table().home().close()));
    }
  }
}
