package dev.weir.pin;

import dev.weir.artifact.DatasetVersion;
import java.time.Instant;
import java.util.Objects;

/**
 * A version of a dataset that some stage published.
 *
 * @param at when it was published, or used again, last
 */
public record PublishedVersion(
    DatasetVersion dataset, String tableId, String path, long rows, String digest, Instant at) {
  public PublishedVersion {
    Objects.requireNonNull(dataset);
    Objects.requireNonNull(tableId);
    Objects.requireNonNull(path);
    Objects.requireNonNull(digest);
    Objects.requireNonNull(at);
  }
}
