package dev.weir.pipeline;

import dev.weir.config.Location;
import org.jspecify.annotations.Nullable;

/** Where a stage and its parts stand in a file; null where there is none. */
interface Places {
  /** The places of a stage that stands in no file. */
  Places NONE =
      new Places() {
        @Override
        public @Nullable Location stage() {
          return null;
        }

        @Override
        public @Nullable Location port(String port) {
          return null;
        }

        @Override
        public @Nullable Location after(String name) {
          return null;
        }
      };

  /** Where the stage begins. */
  @Nullable Location stage();

  /** Where a port is given its value. */
  @Nullable Location port(String port);

  /** Where the stage says that it comes after another. */
  @Nullable Location after(String name);
}
