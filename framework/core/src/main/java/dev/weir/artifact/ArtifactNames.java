package dev.weir.artifact;

import java.util.Set;
import java.util.regex.Pattern;

/** The grammar that the names of datasets and models share. */
final class ArtifactNames {
  private static final Pattern PART = Pattern.compile("[a-z][a-z0-9_]{0,127}");

  /** Schemas of Spark SQL and of Weir that a dataset's namespace would shadow. */
  private static final Set<String> RESERVED = Set.of("lineage", "default", "global_temp");

  private ArtifactNames() {}

  static void require(String kind, String namespace, String name) {
    String whole = namespace + "." + name;
    if (!PART.matcher(namespace).matches() || !PART.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a %s name: it takes the form namespace.name, each a lower-case letter followed by lower-case letters, digits and underscores"
              .formatted(whole, kind));
    }
    if (RESERVED.contains(namespace)) {
      throw new IllegalArgumentException(
          "'%s' can't be a %s name: the namespaces lineage, default and global_temp are reserved"
              .formatted(whole, kind));
    }
  }

  /** Splits {@code namespace.name}; throws {@link IllegalArgumentException} otherwise. */
  static String[] split(String kind, String text) {
    int dot = text.indexOf('.');
    if (dot < 0 || dot != text.lastIndexOf('.')) {
      throw new IllegalArgumentException(
          "'%s' is not a %s name: it takes the form namespace.name, such as credit.%s"
              .formatted(text, kind, text.isEmpty() || dot >= 0 ? "clean" : text));
    }
    return new String[] {text.substring(0, dot), text.substring(dot + 1)};
  }
}
