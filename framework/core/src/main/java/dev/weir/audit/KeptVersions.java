package dev.weir.audit;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.lineage.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What has to be there for the sake of what was made from it, as the events say: the files of every
 * fitted model, and the dataset versions that the stages which trained and registered a model
 * version have read.
 */
final class KeptVersions {
  /**
   * A fitted model.
   *
   * @param registered the version that it was registered as, or null
   */
  record Model(Fact.ModelWritten written, @Nullable String registered) {
    /** The name by which people know it. */
    String text() {
      return registered == null
          ? written.reference()
          : "%s (%s)".formatted(registered, written.reference());
    }
  }

  /**
   * A pinned dataset version.
   *
   * @param tableId the Delta table's id, or null where that is not known
   * @param holders for whom it is pinned
   */
  record Dataset(DatasetVersion version, @Nullable String tableId, Set<String> holders) {
    Dataset {
      holders = Set.copyOf(holders);
    }

    String text() {
      return "%s, pinned for %s".formatted(version, String.join(", ", new TreeSet<>(holders)));
    }
  }

  private final List<Model> models = new ArrayList<>();
  private final List<Dataset> datasets = new ArrayList<>();
  private long deleted;

  private KeptVersions() {}

  /** Whether anything follows from an event of this kind. */
  static boolean follows(String kind, String body) {
    return switch (kind) {
      case "model-registered", "pin-released", "files-deleted" -> true;
      case "stage-finished" -> !body.contains("\"models\":[]");
      default -> false;
    };
  }

  /** Every fitted model, each once. */
  List<Model> models() {
    return models;
  }

  /** The pinned versions that ought to be there. */
  List<Dataset> datasets() {
    return datasets;
  }

  /** How many pinned versions are gone since somebody deleted them. */
  long deleted() {
    return deleted;
  }

  /**
   * @param facts those of which {@link #follows} is true, in any order
   */
  static KeptVersions of(List<Fact> facts) {
    KeptVersions kept = new KeptVersions();
    Map<String, Fact.ModelRegistered> registered = new TreeMap<>();
    Map<String, Fact.StageFinished> fitted = new HashMap<>();
    Set<String> released = new HashSet<>();
    Set<String> gone = new HashSet<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.ModelRegistered registration) {
        registered.put(registration.reference(), registration);
      } else if (fact instanceof Fact.PinReleased release) {
        released.add(release.reference() + " " + release.holder());
      } else if (fact instanceof Fact.FilesDeleted deletion) {
        deletion
            .gone()
            .forEach(version -> gone.add("dataset:%s@%d".formatted(deletion.dataset(), version)));
      }
    }
    Map<String, String> names = new HashMap<>();
    registered.forEach((reference, fact) -> names.put(fact.candidate(), reference));
    Set<Fact.ModelWritten> seen = new HashSet<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.StageFinished stage && stage.reused() == null) {
        for (Fact.ModelWritten written : stage.models()) {
          fitted.put(written.reference(), stage);
          if (seen.add(written)) {
            kept.models.add(new Model(written, names.get(written.reference())));
          }
        }
      }
    }
    Map<String, Dataset> pinned = new TreeMap<>();
    registered.forEach(
        (reference, registration) -> {
          Fact.StageFinished stage = fitted.get(registration.candidate());
          if (stage != null) {
            stage.reads().forEach(read -> pin(pinned, read.reference(), read.detail(), reference));
          }
          if (registration.evaluation() != null) {
            pin(pinned, registration.evaluation(), null, reference);
          }
        });
    for (Dataset dataset : pinned.values()) {
      String reference = dataset.version().reference();
      if (dataset.holders().stream()
          .allMatch(holder -> released.contains(reference + " " + holder))) {
        continue;
      }
      if (gone.contains(reference)) {
        kept.deleted++;
      } else {
        kept.datasets.add(dataset);
      }
    }
    return kept;
  }

  private static void pin(
      Map<String, Dataset> pinned, String reference, @Nullable String tableId, String holder) {
    if (!reference.startsWith("dataset:")
        || !(ArtifactVersion.parse(reference) instanceof DatasetVersion version)) {
      return;
    }
    pinned.merge(
        reference,
        new Dataset(version, tableId, Set.of(holder)),
        (one, other) -> {
          Set<String> holders = new HashSet<>(one.holders());
          holders.addAll(other.holders());
          return new Dataset(
              version, one.tableId() == null ? other.tableId() : one.tableId(), holders);
        });
  }
}
