package dev.weir.config;

/**
 * A place in a configuration file.
 *
 * @param file the path as the user gave it
 * @param line from 1
 * @param column from 1
 */
public record Location(String file, int line, int column) {
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
