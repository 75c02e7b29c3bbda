package dev.weir.pipeline;

import java.util.Collection;

/**
 * A stage whose configuration names classes, such as transformers of the user's own. They are part
 * of its code, though its bytecode does not name them.
 */
public interface UsesByName extends Stage {
  /** The full names of the classes. */
  Collection<String> classNames();
}
