package dev.weir.run;

import dev.weir.lineage.Fact;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Where a run says what happened. */
interface Journal {
  /** Takes facts in order; the future completes when they are durable. */
  CompletableFuture<?> say(List<Fact> facts);
}
