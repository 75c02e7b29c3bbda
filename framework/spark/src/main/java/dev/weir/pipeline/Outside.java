package dev.weir.pipeline;

import java.net.URI;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;

/**
 * How the world outside of Weir is reached.
 *
 * @param project the folder that relative paths resolve against
 * @param hadoop the file systems and their settings
 */
public record Outside(URI project, Configuration hadoop) {
  public Outside {
    Objects.requireNonNull(project);
    Objects.requireNonNull(hadoop);
  }
}
