package dev.weir.artifact;

import java.util.Objects;

/**
 * A fitted model that a run made and nobody has registered yet: {@code
 * candidate:credit.default@<run>}. A run makes at most one candidate of a model.
 */
public record ModelCandidate(ModelName name, String run) implements ArtifactVersion {
  public ModelCandidate {
    Objects.requireNonNull(name);
    if (run.isEmpty()) {
      throw new IllegalArgumentException("A candidate names the run that made it");
    }
  }

  static ModelCandidate parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException("'candidate:" + text + "' names no run");
    }
    return new ModelCandidate(ModelName.parse(text.substring(0, at)), text.substring(at + 1));
  }

  @Override
  public String reference() {
    return "candidate:" + name + "@" + run;
  }

  @Override
  public String toString() {
    return reference();
  }
}
