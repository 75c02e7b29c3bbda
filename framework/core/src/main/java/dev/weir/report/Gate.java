package dev.weir.report;

/** A stage that checks a dataset. */
public record Gate(String pipeline, String stage) {
  @Override
  public String toString() {
    return pipeline + "/" + stage;
  }
}
