package dev.weir.vacuum;

import dev.weir.artifact.DatasetName;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a vacuum of one dataset would delete.
 *
 * @param path where its table is
 * @param tableId the Delta table's id, or empty if there is no table
 * @param going the published versions that could not be read after it
 * @param staying those that could
 * @param files the files that would be deleted
 * @param holders for whom the others stay
 * @param unfinished the versions that an earlier vacuum gave up without coming to its end
 * @param left why the dataset is left alone altogether, in a sentence, or null
 */
public record VacuumPlan(
    DatasetName dataset,
    String path,
    String tableId,
    List<Long> going,
    List<Long> staying,
    List<OldFile> files,
    List<String> holders,
    Set<Long> unfinished,
    @Nullable String left) {
  /**
   * A file that nothing needs.
   *
   * @param path where it is, as Hadoop takes it, with its scheme
   * @param name the same relative to the table
   */
  public record OldFile(String path, String name, long bytes, long modified) {}

  public VacuumPlan {
    Objects.requireNonNull(dataset);
    going = List.copyOf(going);
    staying = List.copyOf(staying);
    files = List.copyOf(files);
    holders = List.copyOf(holders);
    unfinished = Set.copyOf(unfinished);
  }

  /** A dataset that is left alone. */
  static VacuumPlan leaving(DatasetName dataset, String path, String why) {
    return new VacuumPlan(
        dataset, path, "", List.of(), List.of(), List.of(), List.of(), Set.of(), why);
  }

  /** The size of the files together. */
  public long bytes() {
    return files.stream().mapToLong(OldFile::bytes).sum();
  }

  /** Whether there is anything to do. */
  public boolean hasWork() {
    return !files.isEmpty() || !unfinished.isEmpty();
  }
}
