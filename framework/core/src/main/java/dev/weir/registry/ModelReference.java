package dev.weir.registry;

import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.error.WeirException;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model as people name it: {@code credit.default@3}, {@code credit.default@champion} or {@code
 * credit.default}, each with {@code model:} before it or without.
 *
 * @param number the version, or null
 * @param alias an alias, or null
 */
public record ModelReference(ModelName name, @Nullable Integer number, @Nullable String alias) {
  private static final Pattern ALIAS = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

  /** What stands for no version where one is expected. */
  public static final String NONE = "none";

  private static final String PREFIX = "model:";

  public ModelReference {
    Objects.requireNonNull(name);
    if (number != null && alias != null) {
      throw new IllegalArgumentException("A model is named by its number or by an alias");
    }
  }

  /** Reads a reference; throws {@code invalid-model} with the reason. */
  public static ModelReference parse(String text) {
    String plain = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
    int at = plain.indexOf('@');
    try {
      ModelName name = ModelName.parse(at < 0 ? plain : plain.substring(0, at));
      if (at < 0) {
        return new ModelReference(name, null, null);
      }
      String version = plain.substring(at + 1);
      if (version.matches("-?[0-9]+")) {
        return new ModelReference(
            name, new ModelVersion(name, Integer.parseInt(version)).number(), null);
      }
      if (!ALIAS.matcher(version).matches()) {
        throw new IllegalArgumentException(
            "'%s' is neither a version of a model, which is a number, nor an alias"
                .formatted(version));
      }
      return new ModelReference(name, null, version);
    } catch (IllegalArgumentException e) {
      throw WeirException.user(
          "invalid-model", e.getMessage() + ".", "Such as model:credit.default@1.");
    }
  }

  /** Checks an alias's name; throws {@code invalid-alias}. */
  static String requireAlias(String alias) {
    if (!ALIAS.matcher(alias).matches() || alias.equals(NONE)) {
      throw WeirException.user(
          "invalid-alias",
          "'%s' can't be an alias.".formatted(alias),
          "It takes a lower-case letter, then lower-case letters, digits, dashes and underscores, such as champion; none is reserved.");
    }
    return alias;
  }

  @Override
  public String toString() {
    return number != null
        ? name + "@" + number
        : alias != null ? name + "@" + alias : name.toString();
  }
}
