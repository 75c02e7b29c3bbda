package dev.weir.ml;

import dev.weir.config.Help;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import java.util.Objects;

/**
 * Gives the candidate made in the run the next number of its model. It waits for the evaluation,
 * which is published only if its gate let the model pass.
 */
@Help("Gives the candidate that passed its evaluation the next version number of its model.")
public record Register(
    @Help("The model to register.") ModelInput model,
    @Help("The evaluation that it passed.") Input evaluation)
    implements Stage {
  public Register {
    Objects.requireNonNull(model);
    Objects.requireNonNull(evaluation);
    if (model.number() != null) {
      throw new IllegalArgumentException(
          "%s is registered already: name the model without a version, to register the candidate made in the run"
              .formatted(model));
    }
  }

  @Override
  public void run(StageContext context) {
    context.register(model, evaluation);
  }
}
