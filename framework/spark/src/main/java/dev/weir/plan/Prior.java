package dev.weir.plan;

import dev.weir.lineage.Fact;
import java.time.Instant;

/**
 * An attempt at a stage that succeeded once.
 *
 * @param type the stage's class
 * @param config the stage's configuration as JSON
 * @param fingerprint what its result follows from
 */
public record Prior(
    String run,
    String stage,
    int attempt,
    Instant finishedAt,
    String type,
    String config,
    Fact.Fingerprint fingerprint) {}
