package dev.weir.artifact;

/** A registered model version: {@code model:credit.default@3}; numbers start at 1. */
public record ModelVersion(ModelName name, int number) implements ArtifactVersion {
  public ModelVersion {
    if (number < 1) {
      throw new IllegalArgumentException("A model's version is 1 or more, not " + number);
    }
  }

  static ModelVersion parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException(
          "'model:" + text + "' names no version: write model:" + text + "@1");
    }
    try {
      return new ModelVersion(
          ModelName.parse(text.substring(0, at)), Integer.parseInt(text.substring(at + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text.substring(at + 1) + "' is not a version of a model: it is a number", e);
    }
  }

  @Override
  public String reference() {
    return "model:" + name + "@" + number;
  }

  @Override
  public String toString() {
    return reference();
  }
}
