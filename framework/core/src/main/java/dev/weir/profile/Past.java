package dev.weir.profile;

import dev.weir.artifact.DatasetVersion;
import java.time.Instant;

/**
 * A version that was accepted, with what was in it.
 *
 * @param at when it came about, for its season
 */
public record Past(DatasetVersion version, Instant at, DatasetProfile profile) {}
