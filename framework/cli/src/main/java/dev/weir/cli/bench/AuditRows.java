package dev.weir.cli.bench;

import dev.weir.audit.AuditChain;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes an audit chain long, by the writer that extends it in earnest. */
final class AuditRows {
  private static final int A_COMMIT = 1_000;

  private AuditRows() {}

  /**
   * Has so many decisions about models made and brought under the chain that it has at least a
   * number of rows.
   *
   * @return how many it has
   */
  static long lengthen(Events events, int rows) {
    Actor actor = new Actor("bench", "localhost", null);
    AuditChain chain = AuditChain.of(events, Optional.empty());
    long number = chain.extend().number();
    while (number < rows) {
      int more = (int) Math.min(A_COMMIT, rows - number);
      List<Fact.Deed> deeds = new ArrayList<>();
      for (long i = number; i < number + more; i++) {
        deeds.add(
            new Fact.ModelReviewed(
                Instant.now(),
                actor,
                "model:bench.model@" + (i + 1),
                i % 3 == 0 ? Fact.Review.REJECTED : Fact.Review.APPROVED,
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "dataset:bench.evaluation@" + i,
                "Better than the one before by " + i + " of a thousand",
                null));
      }
      events.append(deeds);
      number = chain.extend().number();
    }
    // As every command does that has decided something.
    LineageTables.of(events).update();
    return number;
  }
}
