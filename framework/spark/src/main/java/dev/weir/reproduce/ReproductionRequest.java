package dev.weir.reproduce;

import dev.weir.error.WeirException;
import dev.weir.pipeline.StageTypes;
import dev.weir.session.SparkSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What is asked of a reproduction.
 *
 * @param model {@code model:namespace.name@number}, or without the number for the latest; or {@code
 *     candidate:namespace.name@run}
 * @param home the home that holds it, which stays as it is
 * @param scratch a folder that driver and executors reach: the model is made again in a home of its
 *     own below it
 * @param keep whether that home stays
 * @param project the folder that relative paths of stages resolve against
 * @param types the stages there are
 * @param modelClasses classes and packages that models may name besides MLlib's
 * @param tolerance how far apart fractions may be and count as equal, as a part of the larger one
 * @param environment facts for the runs, by name
 */
public record ReproductionRequest(
    String model,
    URI home,
    URI scratch,
    boolean keep,
    URI project,
    StageTypes types,
    SparkSettings spark,
    List<String> modelClasses,
    double tolerance,
    Map<String, String> environment) {
  /** The tolerance unless another is given. */
  public static final double DEFAULT_TOLERANCE = 1e-9;

  public ReproductionRequest {
    Objects.requireNonNull(model);
    Objects.requireNonNull(types);
    modelClasses = List.copyOf(modelClasses);
    environment = Map.copyOf(environment);
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw WeirException.user(
          "invalid-tolerance",
          "The tolerance is %s, and it is a part of a number: 0 or more and less than 1."
              .formatted(tolerance),
          "Such as 1e-9.");
    }
  }
}
