package dev.weir.artifact;

/** The name of a dataset: {@code namespace.name}, such as {@code credit.clean}. */
public record DatasetName(String namespace, String name) implements Comparable<DatasetName> {
  public DatasetName {
    ArtifactNames.require("dataset", namespace, name);
  }

  /** Reads {@code namespace.name}; throws {@link IllegalArgumentException} with the reason. */
  public static DatasetName parse(String text) {
    String[] parts = ArtifactNames.split("dataset", text);
    return new DatasetName(parts[0], parts[1]);
  }

  @Override
  public int compareTo(DatasetName other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return namespace + "." + name;
  }
}
