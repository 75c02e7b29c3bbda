package dev.weir.code;

import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The folder or jar that a class comes from.
 *
 * @param prefix the URL of a resource in it, but for the resource's own path
 */
record Origin(String prefix) {
  private static final String JAR = "jar:file:";
  private static final String INSIDE = "!/";

  /** Where a URL that a class loader gave for a resource leads. */
  static Origin of(URL url, String resource) {
    String text = url.toString().replace(" ", "%20"); // Not every loader's URLs are URIs.
    int inside = text.lastIndexOf(INSIDE);
    if (inside >= 0) {
      return new Origin(text.substring(0, inside + INSIDE.length()));
    }
    return new Origin(
        text.endsWith(resource) ? text.substring(0, text.length() - resource.length()) : text);
  }

  /** The jar, if it is one that is a file. */
  Optional<Path> jar() {
    return prefix.startsWith(JAR)
        ? Optional.of(
            Path.of(
                URI.create(prefix.substring("jar:".length(), prefix.length() - INSIDE.length()))))
        : Optional.empty();
  }

  /** Whether it is a folder of files. */
  boolean isFolder() {
    return prefix.startsWith("file:") && prefix.endsWith("/");
  }
}
