package dev.weir.pipeline;

import dev.weir.lineage.Fact;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;

/**
 * How the world outside of Weir is reached.
 *
 * @param project the folder that relative paths resolve against
 * @param hadoop the file systems and their settings
 * @param known files as they were when they were last looked at, by path; one whose length and time
 *     are still the same need not be read again
 */
public record Outside(URI project, Configuration hadoop, Map<String, Fact.OutsideFile> known) {
  public Outside {
    Objects.requireNonNull(project);
    Objects.requireNonNull(hadoop);
    known = Map.copyOf(known);
  }

  /** The same where nothing is known yet. */
  public Outside(URI project, Configuration hadoop) {
    this(project, hadoop, Map.of());
  }
}
