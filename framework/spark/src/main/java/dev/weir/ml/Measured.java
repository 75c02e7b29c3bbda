package dev.weir.ml;

import org.jspecify.annotations.Nullable;

/**
 * A metric of a model's predictions.
 *
 * @param baseline what a constant prediction reaches, or null where it means nothing
 * @param best what the best possible prediction reaches, or null if it is not known
 */
record Measured(String name, double value, @Nullable Double baseline, @Nullable Double best) {}
