package dev.weir.run;

import dev.weir.data.WriteKey;
import dev.weir.lineage.Fact;
import dev.weir.store.ConflictException;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import dev.weir.store.TransactionId;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empty commits by which the new holder of a lease shuts the old one out of what that could still
 * publish: the old one's writes have lower numbers, which Delta then skips or refuses. What it had
 * committed before can be looked up from then on, and does not change any more.
 */
final class Fences {
  private static final Logger LOG = LoggerFactory.getLogger(Fences.class);

  private Fences() {}

  /**
   * Fences the outputs of all stages of a run that have not published their results.
   *
   * @param key what the old holder's writes are keyed by
   * @param token the new holder's
   */
  static void raise(Home home, RunHistory old, String key, long token) {
    for (String stage : old.unfinished()) {
      for (String output : old.started().outputs().getOrDefault(stage, List.of())) {
        raise(
            Outputs.table(home, output),
            WriteKey.fence(key, stage, Outputs.name(output), token),
            old.started());
      }
    }
  }

  private static void raise(DeltaTable table, WriteKey fence, Fact.RunStarted old) {
    if (table.find().isEmpty()) {
      // Who makes version 0 settles it.
      return;
    }
    try {
      table.append(List.of(), Optional.of(new TransactionId(fence.application(), fence.version())));
    } catch (ConflictException e) {
      // A newer holder was here; this one's next fact is refused.
      LOG.info("{} is fenced already, at {} or above, of run {}", table, fence, old.run());
    }
  }
}
