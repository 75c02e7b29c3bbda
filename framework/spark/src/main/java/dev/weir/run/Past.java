package dev.weir.run;

import dev.weir.background.Background;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.plan.PriorWork;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What the lineage says of what a pipeline did before, read in the background.
 *
 * @param lineage the lineage as it was when this began
 * @param pipeline the pipeline's name
 */
record Past(
    LineageReader lineage,
    String pipeline,
    CompletableFuture<PriorWork> prior,
    CompletableFuture<Map<String, Fact.OutsideFile>> known) {

  /** Begins to read. */
  static Past of(LineageReader lineage, String pipeline) {
    return new Past(
        lineage,
        pipeline,
        Aside.begin(
            () -> {
              PriorWork prior = PriorWork.of(lineage, pipeline);
              prior.readAhead();
              return prior;
            }),
        Aside.begin(() -> KnownFiles.of(lineage, pipeline)));
  }

  /** What its stages have done. */
  PriorWork work() {
    return Background.await(prior);
  }

  /** The files that its last run read from outside of Weir, by path. */
  Map<String, Fact.OutsideFile> files() {
    return Background.await(known);
  }
}
