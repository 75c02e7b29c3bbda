package dev.weir.plan;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.data.Layout;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Made;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.TableSnapshot;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether what was published once can still be read. Looks at logs and files, not into them. */
final class Availability {
  private final @Nullable Home home;

  /**
   * @param home where it was published, or null if nothing ever was
   */
  Availability(@Nullable Home home) {
    this.home = home;
  }

  /** Why something of this can no longer be read, in words, or empty if all of it can. */
  Optional<String> trouble(Made made) {
    Home there = home;
    if (there == null) {
      return Optional.empty();
    }
    for (Fact.DatasetWritten dataset : made.datasets()) {
      Optional<String> trouble = dataset(there, dataset);
      if (trouble.isPresent()) {
        return trouble;
      }
    }
    for (Fact.ModelWritten model : made.models()) {
      Optional<String> trouble = model(there, model);
      if (trouble.isPresent()) {
        return trouble;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> dataset(Home home, Fact.DatasetWritten dataset) {
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(dataset.reference());
    try {
      TableSnapshot at = home.table(Layout.of(home).relative(version.name())).at(version.version());
      if (!at.tableId().equals(dataset.tableId())) {
        return Optional.of("its table was dropped and made again");
      }
      return at.missingFile(List.of()).map("file %s is gone"::formatted);
    } catch (WeirException e) {
      return Optional.of(e.code().equals("no-table") ? "its table is gone" : cause(e));
    }
  }

  private static Optional<String> model(Home home, Fact.ModelWritten model) {
    ModelCandidate candidate = (ModelCandidate) ArtifactVersion.parse(model.reference());
    try {
      return home.table(Layout.ARTIFACTS)
          .at(model.artifactsVersion())
          .missingFile(
              List.of(
                  Filter.equal("run", candidate.run()),
                  Filter.equal("model", candidate.name().toString())))
          .map("file %s is gone"::formatted);
    } catch (WeirException e) {
      return Optional.of(cause(e));
    }
  }

  private static String cause(WeirException e) {
    return String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
  }
}
