package dev.weir.code;

import dev.weir.store.Sha256;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The code of a stage: two that are equal do the same with the same input.
 *
 * @param digest SHA-256 in hexadecimal of all the rest
 * @param classes the stage's class and what it reaches, by name: the SHA-256 of what its bytecode
 *     means, or {@link #NOT_FOUND}
 * @param jars the other jars that it reaches, by file name: the SHA-256 of the jar
 */
public record StageCode(
    String digest, SortedMap<String, String> classes, SortedMap<String, String> jars) {
  /** Stands for the digest of a class that is named in the code but is nowhere to be read. */
  public static final String NOT_FOUND = "not found";

  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /** Checks the form of the digest, and copies. */
  public StageCode {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException("A digest is 64 hexadecimal digits, not " + digest);
    }
    classes = Collections.unmodifiableSortedMap(new TreeMap<>(classes));
    jars = Collections.unmodifiableSortedMap(new TreeMap<>(jars));
  }

  /** Of classes and jars, with their digest. */
  static StageCode of(SortedMap<String, String> classes, SortedMap<String, String> jars) {
    StringBuilder lines = new StringBuilder();
    classes.forEach(
        (name, digest) -> lines.append(digest).append("  class ").append(name).append('\n'));
    jars.forEach((name, digest) -> lines.append(digest).append("  jar ").append(name).append('\n'));
    return new StageCode(Sha256.of(lines.toString()), classes, jars);
  }

  /**
   * What first tells this code from an earlier one, in words: {@code class shop.Visits changed},
   * {@code class shop.Helper is new}, {@code class shop.Helper is gone} or the same of a jar. What
   * changed comes first, since it is why others are new or gone, then what is new; classes come
   * before jars, and both in the order of their names.
   */
  public Optional<String> firstDifference(StageCode before) {
    return Stream.of("changed", "is new", "is gone")
        .flatMap(
            word ->
                Stream.concat(
                    names("class", word, before.classes, classes),
                    names("jar", word, before.jars, jars)))
        .findFirst();
  }

  private static Stream<String> names(
      String what, String word, Map<String, String> before, Map<String, String> now) {
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(now.keySet());
    return names.stream()
        .filter(
            name ->
                word.equals(
                    difference(
                        before.getOrDefault(name, NOT_FOUND), now.getOrDefault(name, NOT_FOUND))))
        .map(name -> what + " " + name + " " + word);
  }

  private static String difference(String before, String now) {
    if (before.equals(now)) {
      return "";
    }
    return before.equals(NOT_FOUND) ? "is new" : now.equals(NOT_FOUND) ? "is gone" : "changed";
  }
}
