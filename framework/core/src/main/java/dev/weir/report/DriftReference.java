package dev.weir.report;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.error.WeirException;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.Published;
import dev.weir.profile.DatasetProfile;
import dev.weir.registry.ModelReference;
import dev.weir.registry.RegisteredModel;
import dev.weir.registry.RegistryView;
import dev.weir.registry.TrainingData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a version is held against to see whether it drifted.
 *
 * @param why why this one
 */
record DriftReference(DatasetVersion version, String why, DatasetProfile profile) {
  private static final String CHAMPION = "champion";
  private static final String HOW =
      "Write --against credit.clean@3 for a version, or --against model:credit.default@1 for what a model was trained on.";

  /**
   * The one that holds unless another is asked for: what the champion was trained on where there is
   * one, else the version accepted before.
   */
  static Optional<DriftReference> usual(
      LineageReader lineage, Inspections inspections, Inspection shown) {
    List<RegisteredModel> champions = new ArrayList<>();
    for (RegisteredModel model : RegistryView.of(lineage).models()) {
      if (model.aliases().contains(CHAMPION)) {
        champions.add(model);
      }
    }
    for (RegisteredModel champion : champions) {
      Optional<DriftReference> trained = trainedOn(lineage, inspections, champion, CHAMPION);
      if (trained.isPresent()) {
        return trained;
      }
    }
    List<Inspection> before = new ArrayList<>(inspections.all());
    before.removeIf(
        each ->
            !each.at().isBefore(shown.at())
                || !each.accepted()
                || each.dataset().equals(shown.dataset()));
    Collections.reverse(before);
    for (Inspection each : before) {
      Optional<Inspections.Profiled> profiled = inspections.profile(each);
      if (profiled.isPresent()) {
        return Optional.of(
            new DriftReference(each.dataset(), "accepted before it", profiled.get().profile()));
      }
    }
    return Optional.empty();
  }

  /**
   * The one that a person names.
   *
   * @throws WeirException {@code invalid-reference}, {@code unknown-model}, {@code not-trained-on}
   *     or {@code no-profile}
   */
  static DriftReference named(LineageReader lineage, Inspections inspections, String text) {
    String plain = text.substring(text.indexOf(':') + 1);
    boolean dataset =
        text.startsWith("dataset:")
            || (!text.contains(":") && isDataset(lineage, inspections, plain));
    if (!dataset) {
      RegisteredModel model = RegistryView.of(lineage).find(ModelReference.parse(text));
      return trainedOn(lineage, inspections, model, "")
          .orElseThrow(
              () ->
                  WeirException.user(
                      "not-trained-on",
                      "%s was made from no version of %s of which a profile is kept."
                          .formatted(model.reference(), inspections.all().get(0).dataset().name()),
                      HOW));
    }
    DatasetVersion version;
    try {
      version = (DatasetVersion) ArtifactVersion.parse("dataset:" + plain);
    } catch (IllegalArgumentException e) {
      throw WeirException.user("invalid-reference", e.getMessage() + ".", HOW);
    }
    Inspections all =
        inspections.of(version).isPresent() ? inspections : Inspections.of(lineage, version.name());
    return all.of(version)
        .flatMap(
            each ->
                all.profile(each)
                    .map(found -> new DriftReference(version, "as asked for", found.profile())))
        .orElseThrow(
            () ->
                WeirException.user(
                    "no-profile",
                    "No profile of %s is kept.".formatted(version),
                    all.all().isEmpty()
                        ? "Profiles are of what a validate stage has looked at."
                        : "There are some of %s.".formatted(QualityReport.versions(all.all()))));
  }

  private static boolean isDataset(LineageReader lineage, Inspections inspections, String text) {
    int at = text.indexOf('@');
    try {
      DatasetName name = DatasetName.parse(at < 0 ? text : text.substring(0, at));
      return inspections.all().get(0).dataset().name().equals(name)
          || Published.of(lineage).dataset(name, null).isPresent();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The nearest version that a model was made from and that was looked at. */
  private static Optional<DriftReference> trainedOn(
      LineageReader lineage, Inspections inspections, RegisteredModel model, String alias) {
    for (TrainingData data : RegistryView.of(lineage).trainingData(model)) {
      DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(data.reference());
      Optional<DriftReference> found =
          inspections
              .of(version)
              .flatMap(inspections::profile)
              .map(
                  profiled ->
                      new DriftReference(
                          version,
                          "which %s%s was trained on"
                              .formatted(
                                  model.version().reference().substring("model:".length()),
                                  alias.isEmpty() ? "" : ", the " + alias + ","),
                          profiled.profile()));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }
}
