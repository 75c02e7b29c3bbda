package dev.weir.profile;

/** Counts values that are not looked into. */
final class OtherAccumulator extends ColumnAccumulator {
  private long values;

  OtherAccumulator(String name, String type) {
    super(name, type, ValueKind.OTHER);
  }

  @Override
  public void updateOther() {
    values++;
  }

  @Override
  public ColumnProfile profile() {
    return new ColumnProfile(
        name(), type(), kind(), values, nulls(), 0, null, null, null, null, null, null, null, null);
  }
}
