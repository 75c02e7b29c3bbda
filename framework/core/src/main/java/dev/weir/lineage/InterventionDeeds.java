package dev.weir.lineage;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import dev.weir.store.Sha256;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What people do about data that gates refused or put aside. A deed that was done before is not
 * done again.
 */
public final class InterventionDeeds {
  private static final String KEY = "weir/interventions";
  private static final int ID = 12;

  private static final List<String> ATTEMPT =
      List.of("run", "stage", "attempt", "pipeline", "subject", "at");

  private InterventionDeeds() {}

  /**
   * Accepts what a gate of a pipeline refused last of a dataset.
   *
   * @param version which version of it, or null for the one that was checked last
   * @throws WeirException {@code nothing-to-accept} if that was not refused
   */
  public static Fact.GateOverridden override(
      Events events,
      String pipeline,
      DatasetName dataset,
      @Nullable Long version,
      Actor by,
      String reason) {
    Fact.GateOverridden before =
        override(LineageReader.open(events), pipeline, dataset, version, by, reason);
    return done(events, before.id(), Fact.GateOverridden.class)
        .orElseGet(
            () ->
                Deeds.commit(
                    events, KEY, seen -> override(seen, pipeline, dataset, version, by, reason)));
  }

  private static Fact.GateOverridden override(
      LineageReader seen,
      String pipeline,
      DatasetName dataset,
      @Nullable Long version,
      Actor by,
      String reason) {
    String asked = version == null ? dataset.toString() : dataset + "@" + version;
    Row last =
        lastAttempt(seen, pipeline, "dataset:" + dataset + "@", version)
            .orElseThrow(
                () ->
                    WeirException.user(
                        "nothing-to-accept",
                        "No gate of the pipeline %s has checked %s yet.".formatted(pipeline, asked),
                        "Name the dataset that a gate refused, as its message does; run without --accept first."));
    String stage = last.string("stage");
    String reference = last.string("subject");
    List<Fact.Check> failed =
        seen.rows(LineageTable.CHECKS, List.of(Filter.equal("run", last.string("run")))).stream()
            .filter(row -> row.string("stage").equals(stage))
            .filter(row -> row.integer("attempt") == last.integer("attempt"))
            .map(CheckRows::found)
            .filter(check -> !check.passed() && check.severity().equals("error"))
            .toList();
    if (failed.isEmpty()) {
      throw WeirException.user(
          "nothing-to-accept",
          "%s was not refused: all checks of stage '%s' held when run %s made them."
              .formatted(reference, stage, last.string("run")),
          "Leave --accept out.");
    }
    String gate = Interventions.gate(pipeline, stage);
    Fact.DatasetWritten written = published(seen, reference);
    return new Fact.GateOverridden(
        Deeds.after(Instant.now(), null),
        by,
        id("gate-overridden", gate, reference, written.digest(), Interventions.json(failed)),
        gate,
        reference,
        written.digest(),
        last.string("run"),
        failed,
        reason);
  }

  /** A row of the checks that were made last of a dataset. */
  private static Optional<Row> lastAttempt(
      LineageReader seen, String pipeline, String dataset, @Nullable Long version) {
    Iterator<List<Row>> newest =
        seen.newestFirst(LineageTable.CHECKS, ATTEMPT, List.of(Filter.equal("pipeline", pipeline)));
    while (newest.hasNext()) {
      Optional<Row> found =
          newest.next().stream()
              .filter(
                  row ->
                      version == null
                          ? row.string("subject").startsWith(dataset)
                          : row.string("subject").equals(dataset + version))
              .max(Comparator.comparing(row -> Objects.requireNonNull(row.instant("at"))));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /**
   * Corrects rows that a gate had put aside last.
   *
   * @param condition which of them, in SQL, or null for all
   * @throws WeirException {@code newer-quarantine} or {@code newer-data} if they are not the last
   *     word
   */
  public static Fact.RowsCorrected correct(
      Events events,
      QuarantineVersion quarantine,
      List<Fact.Assignment> assignments,
      @Nullable String condition,
      Actor by,
      String reason) {
    return corrected(events, quarantine, assignments, condition)
        .orElseGet(
            () ->
                Deeds.commit(
                    events,
                    KEY,
                    seen -> {
                      requireLast(seen, quarantine);
                      return new Fact.RowsCorrected(
                          Deeds.after(Instant.now(), last(seen)),
                          by,
                          id(quarantine, assignments, condition),
                          quarantine.gate(),
                          quarantine.written().reference(),
                          quarantine.from().reference(),
                          published(seen, quarantine.from().reference()).digest(),
                          assignments,
                          condition,
                          reason);
                    }));
  }

  /** The same correction, if it was given before. */
  public static Optional<Fact.RowsCorrected> corrected(
      Events events,
      QuarantineVersion quarantine,
      List<Fact.Assignment> assignments,
      @Nullable String condition) {
    return done(events, id(quarantine, assignments, condition), Fact.RowsCorrected.class);
  }

  /**
   * Throws unless the rows are what was put aside last, of what is checked last: what is made of
   * anything older would come after what has been published since.
   */
  public static void requireLast(LineageReader seen, QuarantineVersion quarantine) {
    String reference = quarantine.written().reference();
    Published published = Published.of(seen);
    Fact.DatasetWritten latest =
        published.dataset(quarantine.version().name(), null).orElse(quarantine.written());
    if (!latest.reference().equals(reference)
        || !latest.tableId().equals(quarantine.written().tableId())) {
      throw WeirException.user(
          "newer-quarantine",
          "%s is not the last that was put aside: %s came after it."
              .formatted(reference, latest.reference()),
          "Correct the rows of that one; see ./weir quarantine show %s."
              .formatted(latest.reference().substring("dataset:".length())));
    }
    DatasetVersion from = quarantine.from();
    Fact.DatasetWritten data = published.dataset(from.name(), null).orElse(null);
    if (data != null && !data.digest().equals(published(seen, from.reference()).digest())) {
      throw WeirException.user(
          "newer-data",
          "%s holds rows of %s, and %s has been published since."
              .formatted(reference, from.reference(), data.reference()),
          "Let the pipeline check that one first: ./weir run %s.".formatted(quarantine.pipeline()));
    }
  }

  private static Fact.DatasetWritten published(LineageReader seen, String reference) {
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(reference);
    return Published.of(seen)
        .dataset(version.name(), version.version())
        .orElseThrow(
            () ->
                new WeirException(
                    "lineage-damaged",
                    ErrorKind.DATA,
                    "The lineage does not say what %s held.".formatted(reference),
                    "Make the lineage tables anew: ./weir lineage rebuild."));
  }

  /** When something of the kind was decided last. */
  private static @Nullable Instant last(LineageReader seen) {
    List<Fact.Deed> all = Interventions.of(seen).all();
    return all.isEmpty() ? null : all.get(all.size() - 1).at();
  }

  private static <T extends Fact.Deed> Optional<T> done(Events events, String id, Class<T> kind) {
    return Interventions.of(LineageReader.open(events)).all().stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(
            deed ->
                id.equals(
                    deed instanceof Fact.GateOverridden it
                        ? it.id()
                        : deed instanceof Fact.RowsCorrected that ? that.id() : ""))
        .findFirst();
  }

  private static String id(
      QuarantineVersion quarantine, List<Fact.Assignment> assignments, @Nullable String condition) {
    List<String> parts = new ArrayList<>();
    parts.add("rows-corrected");
    parts.add(quarantine.gate());
    parts.add(quarantine.written().reference());
    parts.add(quarantine.written().tableId());
    assignments.forEach(assignment -> parts.add(assignment.text()));
    parts.add(condition == null ? "" : "where " + condition);
    return id(parts.toArray(String[]::new));
  }

  private static String id(String... parts) {
    return Sha256.of(String.join("\n", parts)).substring(0, ID);
  }
}
