package dev.weir.pipeline;

import dev.weir.config.Default;
import dev.weir.config.Help;
import dev.weir.config.Secret;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stages to wire in tests. */
final class Steps {
  private Steps() {}

  @Help("Makes a dataset of nothing.")
  record Make(
      @Help("What to publish.") Output into,
      @Help("How many rows.") @Default("10") int rows,
      @Help("Where it is said to come from.") @Nullable String source,
      @Secret @Nullable String password)
      implements Stage {
    Make(String into) {
      this(Output.to(into), 10, null, null);
    }

    Make {
      if (rows < 0) {
        throw new IllegalArgumentException("rows is 0 or more, not " + rows);
      }
    }

    @Override
    public void run(StageContext context) {
      context.write(into, context.spark().range(rows).toDF());
    }
  }

  /** Copies a dataset. */
  record Copy(@Help("What to read.") Input from, @Help("What to publish.") Output into)
      implements Stage {
    Copy(String from, String into) {
      this(Input.from(from), Output.to(into));
    }

    @Override
    public void run(StageContext context) {
      context.write(into, context.read(from));
    }
  }

  /** Joins many datasets to one. */
  record Join(List<Input> parts, @Default("{}") Map<String, Input> named, Output into)
      implements Stage {
    Join {
      parts = List.copyOf(parts);
      named = new LinkedHashMap<>(named);
    }

    @Override
    public void run(StageContext context) {
      context.write(
          into, parts.stream().map(context::read).reduce((a, b) -> a.unionByName(b)).orElseThrow());
    }
  }

  /** Says that it fits a model. */
  record Fit(Input from, ModelOutput into) implements Stage {
    Fit(String from, String into) {
      this(Input.from(from), ModelOutput.toModel(into));
    }

    @Override
    public void run(StageContext context) {
      context.metric("rows", (double) context.read(from).count());
    }
  }

  /** Says that it scores a dataset. */
  record Score(ModelInput model, Input from, Output into) implements Stage {
    Score(String model, String from, String into) {
      this(ModelInput.model(model), Input.from(from), Output.to(into));
    }

    @Override
    public void run(StageContext context) {
      context.write(into, context.load(model).transform(context.read(from)));
    }
  }

  /** Does nothing. */
  record Nothing() implements Stage {
    @Override
    public void run(StageContext context) {
      context.metric("nothing", 0);
    }
  }

  /** A stage that is no record. */
  static final class Plain implements Stage {
    @Override
    public void run(StageContext context) {
      context.metric("plain", 0);
    }
  }

  static StageTypes types() {
    return StageTypes.of(
        Steps.class.getClassLoader(),
        List.of(
            () ->
                Map.of(
                    "make", Make.class,
                    "copy", Copy.class,
                    "join", Join.class,
                    "fit", Fit.class,
                    "score", Score.class,
                    "nothing", Nothing.class)));
  }
}
