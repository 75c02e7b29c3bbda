package dev.weir.registry;

import org.jspecify.annotations.Nullable;

/**
 * A dataset version that a model was made from.
 *
 * @param reference {@code dataset:credit.features@3}
 * @param tableId the Delta table's id: a table made again has another; null if unknown
 * @param stage the stage that read it, the first on the way up from the model
 */
public record TrainingData(String reference, @Nullable String tableId, String stage) {}
