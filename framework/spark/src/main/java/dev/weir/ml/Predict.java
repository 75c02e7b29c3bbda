package dev.weir.ml;

import dev.weir.config.Help;
import dev.weir.data.Predictions;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Applies a model to a dataset and publishes its columns with the predictions beside them, in the
 * plain columns of {@link Predictions}.
 */
@Help("Applies a model to a dataset and publishes the predictions.")
public record Predict(
    @Help("The dataset to score.") Input from,
    @Help("The model to apply.") ModelInput model,
    @Help("The dataset to publish.") Output into,
    @Help("The columns to keep beside the predictions; all unless given.")
        @Nullable List<String> keep)
    implements Stage {
  public Predict {
    Objects.requireNonNull(from);
    Objects.requireNonNull(model);
    Objects.requireNonNull(into);
    keep = keep == null ? null : List.copyOf(keep);
  }

  /** Keeps the columns named, or all if none is. */
  public Predict(Input from, ModelInput model, Output into, String... keep) {
    this(from, model, into, keep.length == 0 ? null : List.of(keep));
  }

  @Override
  public void run(StageContext context) {
    context.write(into, Predictions.score(context.load(model), context.read(from), keep));
  }
}
