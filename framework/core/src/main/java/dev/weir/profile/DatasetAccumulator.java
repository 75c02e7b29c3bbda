package dev.weir.profile;

import java.util.List;

/** Makes the profile of a dataset, or of a part of it, row by row. For one thread. */
public final class DatasetAccumulator {
  private final List<ColumnAccumulator> columns;
  private long rows;

  public DatasetAccumulator(List<ColumnAccumulator> columns) {
    this.columns = List.copyOf(columns);
  }

  /** The columns, each of which is to be given one value or null a row. */
  public List<ColumnAccumulator> columns() {
    return columns;
  }

  /** A row is complete. */
  public void endRow() {
    rows++;
  }

  /** The profile of what was given so far. */
  public DatasetProfile profile() {
    return new DatasetProfile(rows, columns.stream().map(ColumnAccumulator::profile).toList());
  }
}
