package dev.weir.registry;

import dev.weir.lineage.Actor;
import dev.weir.lineage.Deeds;
import java.util.Objects;

/**
 * Who does something to a model, and why.
 *
 * @param reason in words; {@code no-reason} if it says nothing
 * @param override whether a rule that stands against it is to be set aside
 */
public record Act(Actor by, String reason, boolean override) {
  public Act {
    Objects.requireNonNull(by);
    reason = Deeds.reason(reason);
  }

  /** One that keeps to the rules. */
  public Act(Actor by, String reason) {
    this(by, reason, false);
  }
}
