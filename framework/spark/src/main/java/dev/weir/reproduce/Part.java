package dev.weir.reproduce;

import dev.weir.config.Problems;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Concurrency;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.RecordedStages;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageTypes;
import dev.weir.provenance.Provenance;
import dev.weir.provenance.Work;
import dev.weir.quality.Validate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one run did of the work that a model was made by, as a pipeline to be run again.
 *
 * @param started how the run began
 * @param works what it did, by stage
 */
record Part(Fact.RunStarted started, Pipeline pipeline, Map<String, Work> works) {
  Part {
    works = Map.copyOf(works);
  }

  /**
   * The work of each run, in the order in which they began: what a run reads of others' was there
   * when it did. What only took things from outside is left out.
   *
   * @throws dev.weir.error.WeirException {@code not-reproducible} with every reason why a stage
   *     can't be made again
   */
  static List<Part> of(Provenance provenance, StageTypes types) {
    RecordedStages recorded = new RecordedStages(types);
    Problems problems = new Problems();
    List<Part> parts = new ArrayList<>();
    provenance
        .runs()
        .forEach(
            (run, started) -> {
              Map<String, Work> works = new LinkedHashMap<>();
              for (Work work : provenance.works()) {
                if (work.run().equals(run) && !work.outside()) {
                  works.put(work.stage(), work);
                }
              }
              List<StageDefinition> stages = new ArrayList<>();
              for (Work work : works.values()) {
                Stage stage =
                    recorded.read(work.stage(), work.end().type(), work.config(), problems);
                if (stage != null) {
                  stages.add(new StageDefinition(work.stage(), again(stage)));
                }
              }
              if (!stages.isEmpty() && problems.isEmpty()) {
                parts.add(
                    new Part(
                        started,
                        new Pipeline(
                            started.pipeline(),
                            RecordedStages.params(started.definition()),
                            stages,
                            Concurrency.REFUSE),
                        works));
              }
            });
    problems.throwIfAny("not-reproducible", provenance.subject() + ", which can't be made again");
    return parts;
  }

  /** The versions that a gate learned from are not there, and what it accepted is accepted. */
  private static Stage again(Stage stage) {
    return stage instanceof Validate validate
        ? validate.withNorms(validate.norms().warnings())
        : stage;
  }
}
