package dev.weir.report;

import dev.weir.profile.ColumnDrift;
import dev.weir.profile.DatasetProfile;
import java.util.List;

/**
 * How a version differs from a reference.
 *
 * @param reference the version that it was held against
 * @param why why that one, to be read after its name: {@code which credit.default@3 was trained on}
 * @param profile what was in the reference
 */
public record DriftReport(
    String reference, String why, DatasetProfile profile, List<ColumnDrift> columns) {
  public DriftReport {
    columns = List.copyOf(columns);
  }
}
