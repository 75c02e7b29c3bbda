package dev.weir.plan;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.background.Background;
import dev.weir.data.Layout;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Made;
import dev.weir.pin.Deletions;
import dev.weir.store.Filter;
import dev.weir.store.Home;
import dev.weir.store.TableSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Whether what was published once can still be read. Looks at logs and files, not into them. */
final class Availability {
  /** As many as read local files side by side for some good. */
  private static final int THREADS = 4;

  private final @Nullable Home home;
  private final Deletions deletions;
  private final Map<Made, CompletableFuture<Optional<String>>> expected = new ConcurrentHashMap<>();

  /**
   * @param home where it was published, or null if nothing ever was
   * @param deletions what was given up, whose files may be there for a moment still
   */
  Availability(@Nullable Home home, Deletions deletions) {
    this.home = home;
    this.deletions = deletions;
  }

  /** Begins to look, in the background, at what is going to be asked for. */
  void expect(List<Made> all) {
    List<Made> published =
        all.stream()
            .filter(made -> !made.datasets().isEmpty() || !made.models().isEmpty())
            .toList();
    if (home == null || published.size() < 2) {
      return;
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(THREADS, Runtime.getRuntime().availableProcessors()),
            Background.threads("weir-availability"));
    for (Made made : published) {
      expected.computeIfAbsent(made, m -> CompletableFuture.supplyAsync(() -> look(m), threads));
    }
    threads.shutdown();
  }

  /**
   * Why something of this can no longer be read, in words, or empty if all of it can. What was
   * expected is answered so once; later it is looked at anew.
   */
  Optional<String> trouble(Made made) {
    CompletableFuture<Optional<String>> begun = expected.remove(made);
    return begun == null ? look(made) : Background.await(begun);
  }

  private Optional<String> look(Made made) {
    Home there = home;
    if (there == null) {
      return Optional.empty();
    }
    for (Fact.DatasetWritten dataset : made.datasets()) {
      Optional<String> trouble =
          deletions
              .of(dataset)
              .map(deletion -> "its files " + deletion.text())
              .or(() -> dataset(there, dataset));
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
      TableSnapshot at =
          home.table(Layout.of(home).relative(version.name())).atNewest(version.version());
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
          .atNewest(model.artifactsVersion())
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
