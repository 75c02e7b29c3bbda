package dev.weir.config;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a project demands of models before they are used.
 *
 * @param name the models that it is for: a name, in which {@code *} stands for any letters and
 *     {@code ?} for one
 * @param approval whether somebody has to approve a version before an alias may name it
 * @param fourEyes whether that may not be who made it
 * @param aliases the aliases that approval is demanded for; null for all
 */
@Help("What is demanded of models before they are used.")
public record ModelPolicy(
    @Help("The models that it is for, such as credit.default, 'credit.*' or '*'.") String name,
    @Help("Whether a version has to be approved before an alias may name it.") @Default("none")
        Approval approval,
    @Help("Whether who approves may not be who started the run that trained or registered it.")
        @Default("false")
        boolean fourEyes,
    @Help("The aliases that approval is demanded for, such as champion; all unless given.")
        @Nullable List<String> aliases) {

  private static final Pattern GLOB = Pattern.compile("[a-z0-9_.*?]+");

  /** Nothing is demanded. */
  public static final ModelPolicy NONE = new ModelPolicy("*", Approval.NONE, false, null);

  /** Whether a version has to be approved. */
  public enum Approval {
    /** It may be used as it is. */
    NONE,
    /** It has to be. */
    REQUIRED
  }

  public ModelPolicy {
    Objects.requireNonNull(approval);
    if (!GLOB.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'%s' is neither the name of a model nor a pattern of names: write it as credit.default or credit.*"
              .formatted(name));
    }
    if (aliases != null) {
      aliases = List.copyOf(aliases);
      if (aliases.isEmpty()) {
        throw new IllegalArgumentException(
            "'aliases' is empty: name the aliases that approval is demanded for, or leave it out for all");
      }
      if (approval == Approval.NONE) {
        throw new IllegalArgumentException(
            "'aliases' are those that approval is demanded for, and it is not: add approval: required");
      }
    }
  }

  /** The policy for a model: the first that fits, or {@link #NONE}. */
  public static ModelPolicy of(List<ModelPolicy> policies, String model) {
    return policies.stream().filter(policy -> policy.fits(model)).findFirst().orElse(NONE);
  }

  /** Whether it is for the model of that name. */
  public boolean fits(String model) {
    return Glob.matches(name, model);
  }

  /** Whether an alias may only name what was approved. */
  public boolean demandsApproval(String alias) {
    return approval == Approval.REQUIRED && (aliases == null || aliases.contains(alias));
  }
}
