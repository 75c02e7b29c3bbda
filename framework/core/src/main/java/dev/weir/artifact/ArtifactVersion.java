package dev.weir.artifact;

/**
 * One immutable version of something that pipelines read or make, with a reference that is the same
 * in YAML, on the command line, in the lineage tables and in messages.
 */
public sealed interface ArtifactVersion
    permits DatasetVersion, ModelVersion, ModelCandidate, SourceFile {

  /** The reference, such as {@code dataset:credit.clean@12}. */
  String reference();

  /** Reads a reference of any kind; throws {@link IllegalArgumentException} with the reason. */
  static ArtifactVersion parse(String reference) {
    int colon = reference.indexOf(':');
    String kind = colon < 0 ? "" : reference.substring(0, colon);
    String rest = reference.substring(colon + 1);
    return switch (kind) {
      case "dataset" -> DatasetVersion.parse(rest);
      case "model" -> ModelVersion.parse(rest);
      case "candidate" -> ModelCandidate.parse(rest);
      case "file" -> SourceFile.parse(rest);
      default ->
          throw new IllegalArgumentException(
              "'"
                  + reference
                  + "' is not a reference: it takes the form dataset:namespace.name@version,"
                  + " model:namespace.name@number, candidate:namespace.name@run or"
                  + " file:path@sha256");
    };
  }
}
