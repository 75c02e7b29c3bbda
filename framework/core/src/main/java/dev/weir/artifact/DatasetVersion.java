package dev.weir.artifact;

/** A dataset at one Delta version: {@code dataset:credit.clean@12}. */
public record DatasetVersion(DatasetName name, long version) implements ArtifactVersion {
  public DatasetVersion {
    if (version < 0) {
      throw new IllegalArgumentException("A dataset's version is 0 or more, not " + version);
    }
  }

  static DatasetVersion parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException(
          "'dataset:" + text + "' names no version: write dataset:" + text + "@0");
    }
    try {
      return new DatasetVersion(
          DatasetName.parse(text.substring(0, at)), Long.parseLong(text.substring(at + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text.substring(at + 1) + "' is not a version of a dataset: it is a number", e);
    }
  }

  @Override
  public String reference() {
    return "dataset:" + name + "@" + version;
  }

  @Override
  public String toString() {
    return reference();
  }
}
