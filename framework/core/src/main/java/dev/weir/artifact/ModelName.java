package dev.weir.artifact;

/** The name of a model: {@code namespace.name}, such as {@code credit.default}. */
public record ModelName(String namespace, String name) implements Comparable<ModelName> {
  public ModelName {
    ArtifactNames.require("model", namespace, name);
  }

  /** Reads {@code namespace.name}; throws {@link IllegalArgumentException} with the reason. */
  public static ModelName parse(String text) {
    String[] parts = ArtifactNames.split("model", text);
    return new ModelName(parts[0], parts[1]);
  }

  @Override
  public int compareTo(ModelName other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return namespace + "." + name;
  }
}
