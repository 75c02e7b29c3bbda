package dev.weir.registry;

import dev.weir.lineage.Actor;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody said of a model version.
 *
 * @param decision anything but {@link ModelState#REGISTERED}
 * @param digest the digest of its files as they were looked at; null if it was retired
 * @param evaluation the evaluation that was looked at, or null
 * @param overrode the rule that was set aside, in a sentence, or null
 */
public record Review(
    ModelState decision,
    Actor by,
    Instant at,
    String reason,
    @Nullable String digest,
    @Nullable String evaluation,
    @Nullable String overrode) {}
