package dev.weir.cli;

import java.util.Map;

/** What the terminal can show, as the launcher found it. */
record Ansi(boolean terminal, int rows, int columns, boolean colour) {
  /** The standard output of this process: {@code WEIR_TERMINAL} holds rows and columns. */
  static Ansi of(Map<String, String> environment) {
    String size = environment.get("WEIR_TERMINAL");
    if (size == null || size.isBlank()) {
      return new Ansi(false, 24, 80, false);
    }
    String[] parts = size.strip().split("\\s+", -1);
    int rows = 24;
    int columns = 80;
    if (parts.length == 2) {
      try {
        rows = Math.max(5, Integer.parseInt(parts[0]));
        columns = Math.max(40, Integer.parseInt(parts[1]));
      } catch (NumberFormatException e) {
        rows = 24; // An odd terminal gets the common size.
      }
    }
    return new Ansi(true, rows, columns, environment.get("NO_COLOR") == null);
  }

  String green(String text) {
    return paint("32", text);
  }

  String red(String text) {
    return paint("31", text);
  }

  String yellow(String text) {
    return paint("33", text);
  }

  String cyan(String text) {
    return paint("36", text);
  }

  String dim(String text) {
    return paint("2", text);
  }

  String bold(String text) {
    return paint("1", text);
  }

  private String paint(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
