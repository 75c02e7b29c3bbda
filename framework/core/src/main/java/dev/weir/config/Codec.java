package dev.weir.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * How values of a type are read from YAML, for types that the record binding can't describe.
 *
 * @param <T> the type
 */
public interface Codec<T> {
  /**
   * Reads a node, or notes what is wrong with it and returns null.
   *
   * @param problems where every fault is added, at its place
   */
  @Nullable T read(Yaml node, Problems problems);

  /**
   * Reads what {@link ConfigJson} wrote of a value, or notes what is wrong with it and returns
   * null.
   */
  default @Nullable T recorded(Yaml node, Problems problems) {
    return read(node, problems);
  }

  /** The JSON schema (draft 2020-12) of what {@link #read} accepts. */
  ObjectNode schema();
}
