package dev.weir.config;

import java.util.regex.Pattern;

/** Patterns of names, in which {@code *} stands for any letters and {@code ?} for one. */
final class Glob {
  private Glob() {}

  static boolean matches(String pattern, String name) {
    return name.matches(
        pattern
            .chars()
            .mapToObj(
                c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf((char) c)))
            .reduce("", String::concat));
  }
}
