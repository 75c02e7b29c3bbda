package dev.weir.provenance;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelName;
import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Fact.ModelRegistered;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.Published;
import dev.weir.store.Filter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that a model's version or a run was made from: the attempts at stages that did the work,
 * whichever run they were made in, and how those runs began.
 *
 * @param subject the version's reference, or the run's id
 * @param run the run that made it
 * @param works the attempts, each after those whose results it read
 * @param runs how the runs of the attempts, and {@code run}, began, by id
 * @param candidates of the models read and of the subject: the candidate that each version is
 * @param registered how the subject got its number, or null if it has none
 * @param reviews what was said of the subject, in the order in which it was
 */
public record Provenance(
    String subject,
    String run,
    List<Work> works,
    Map<String, Fact.RunStarted> runs,
    Map<String, String> candidates,
    @Nullable ModelRegistered registered,
    List<String> reviews) {
  private static final String EXAMPLE = "Such as model:credit.default@1.";

  public Provenance {
    Objects.requireNonNull(subject);
    Objects.requireNonNull(run);
    works = List.copyOf(works);
    runs = Collections.unmodifiableMap(new LinkedHashMap<>(runs));
    candidates = Map.copyOf(candidates);
    reviews = List.copyOf(reviews);
  }

  /** How the run that made it began. */
  public Fact.RunStarted started() {
    return Objects.requireNonNull(runs.get(run));
  }

  /**
   * What a model was made from.
   *
   * @param asked {@code model:namespace.name@number}, of which {@code model:} may be left out, and
   *     {@code @number} for the latest; or {@code candidate:namespace.name@run}
   * @throws WeirException {@code invalid-model}, {@code unknown-model}, or {@code lineage-damaged}
   *     if the lineage does not say
   */
  public static Provenance ofModel(LineageReader lineage, String asked) {
    Works works = new Works(lineage);
    Fact.ModelRegistered registered = null;
    String candidate;
    if (asked.startsWith("candidate:")) {
      candidate = asked;
    } else {
      String reference = find(Published.of(lineage), asked);
      registered = works.registered(reference).orElseThrow(() -> unknown(reference, List.of()));
      candidate = registered.candidate();
    }
    Fact.ModelRegistered found = registered;
    Upstream upstream = new Upstream(works);
    Work made =
        works
            .candidate(candidate)
            .orElseThrow(
                () -> found == null ? unknown(candidate, List.of()) : untold(found.reference()));
    upstream.add(made);
    if (found != null && found.evaluation() != null) {
      works.dataset(found.evaluation(), null).ifPresent(upstream::add);
    }
    upstream.follow();
    if (found != null) {
      upstream.candidates.put(found.reference(), candidate);
    }
    String subject = found == null ? candidate : found.reference();
    String run = found == null ? made.run() : found.run();
    return new Provenance(
        subject,
        run,
        upstream.inOrder(),
        runs(works, upstream.inOrder(), run),
        upstream.candidates,
        found,
        reviews(lineage, subject));
  }

  /**
   * What the stages of a run came from: of a stage whose result was used again, the attempt that
   * did the work.
   *
   * @param run the id of a run that is there
   */
  public static Provenance ofRun(LineageReader lineage, String run) {
    Works works = new Works(lineage);
    Map<String, Work> byStage = new LinkedHashMap<>();
    for (Fact fact : works.facts(run)) {
      if (fact instanceof Fact.StageFinished end && end.state().published()) {
        Fact.Reused reused = end.reused();
        works
            .work(
                reused == null ? run : reused.run(),
                end.stage(),
                reused == null ? end.attempt() : reused.attempt())
            .ifPresent(work -> byStage.put(end.stage(), work));
      }
    }
    List<Work> all = new ArrayList<>(byStage.values());
    all.sort(Comparator.comparing(work -> work.end().at()));
    return new Provenance(run, run, all, runs(works, all, run), Map.of(), null, List.of());
  }

  /** The reference of the registered version that a person means. */
  private static String find(Published published, String asked) {
    String text = asked.startsWith("model:") ? asked.substring("model:".length()) : asked;
    int at = text.indexOf('@');
    ModelName name;
    Integer number = null;
    try {
      name = ModelName.parse(at < 0 ? text : text.substring(0, at));
      if (at >= 0) {
        number = Integer.valueOf(text.substring(at + 1));
      }
    } catch (NumberFormatException e) {
      throw WeirException.user(
          "invalid-model",
          "'%s' is not a version of a model: it is a number.".formatted(text.substring(at + 1)),
          EXAMPLE);
    } catch (IllegalArgumentException e) {
      throw WeirException.user("invalid-model", e.getMessage() + ".", EXAMPLE);
    }
    return published
        .model(name, number)
        .map(Published.Model::reference)
        .orElseThrow(
            () ->
                unknown(
                    "model:" + text,
                    published.models().stream().map(Published.Model::reference).toList()));
  }

  private static WeirException unknown(String reference, List<String> names) {
    String hint = Nearest.hint(reference, names);
    return WeirException.user(
        "unknown-model",
        "There is no %s in the home%s".formatted(reference, hint.isEmpty() ? "." : hint),
        names.isEmpty()
            ? "What there is: ./weir sql \"select reference from lineage.models\"."
            : "The latest are " + String.join(", ", names) + ".");
  }

  private static WeirException untold(String reference) {
    return new WeirException(
        "lineage-damaged",
        ErrorKind.DATA,
        "The lineage does not say which stage made %s.".formatted(reference),
        "Make the lineage tables anew: ./weir lineage rebuild.");
  }

  private static Map<String, Fact.RunStarted> runs(Works works, List<Work> all, String main) {
    Map<String, Fact.RunStarted> runs = new HashMap<>();
    Set<String> ids = all.stream().map(Work::run).collect(Collectors.toCollection(HashSet::new));
    ids.add(main);
    for (String id : ids) {
      runs.put(
          id,
          works
              .started(id)
              .orElseThrow(
                  () ->
                      new WeirException(
                          "lineage-damaged",
                          ErrorKind.DATA,
                          "The events don't say how run %s began.".formatted(id),
                          "Restore the event table from a backup.")));
    }
    Map<String, Fact.RunStarted> ordered = new LinkedHashMap<>();
    runs.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<String, Fact.RunStarted> run) -> run.getValue().at()))
        .forEach(run -> ordered.put(run.getKey(), run.getValue()));
    return ordered;
  }

  private static List<String> reviews(LineageReader lineage, String reference) {
    return lineage
        .rows(LineageTable.REVIEWS, List.of(Filter.equal("reference", reference)))
        .stream()
        .sorted(Comparator.comparing(Works::at))
        .map(
            row ->
                "%s by %s@%s%s: %s"
                    .formatted(
                        row.string("decision"),
                        row.string("done_by"),
                        row.string("host"),
                        row.text("claimed_by") == null ? "" : " for " + row.text("claimed_by"),
                        row.string("reason")))
        .toList();
  }

  /** The attempts that something was made from, found from the end. */
  private static final class Upstream {
    private final Works works;
    private final Map<String, Work> found = new LinkedHashMap<>();
    private final Map<String, String> candidates = new HashMap<>();
    private final Deque<Work> open = new ArrayDeque<>();

    Upstream(Works works) {
      this.works = works;
    }

    void add(Work work) {
      Fact.StageFinished end = work.end();
      if (found.putIfAbsent(end.run() + "/" + end.stage() + "/" + end.attempt(), work) == null) {
        open.add(work);
      }
    }

    void follow() {
      Set<String> seen = new HashSet<>();
      while (!open.isEmpty()) {
        for (Fact.Read read : open.remove().end().reads()) {
          if (seen.add(read.reference() + "#" + read.detail())) {
            maker(read).ifPresent(this::add);
          }
        }
      }
    }

    private Optional<Work> maker(Fact.Read read) {
      String reference = read.reference();
      if (!Work.kept(reference)) {
        return Optional.empty();
      }
      if (reference.startsWith("dataset:")) {
        return works.dataset(reference, read.detail());
      }
      if (ArtifactVersion.parse(reference) instanceof ModelCandidate) {
        return works.candidate(reference);
      }
      return works
          .registered(reference)
          .flatMap(
              fact -> {
                candidates.put(reference, fact.candidate());
                return works.candidate(fact.candidate());
              });
    }

    /** By the time when they ended: what is read was published before. */
    List<Work> inOrder() {
      return found.values().stream()
          .sorted(Comparator.comparing((Work work) -> work.end().at()))
          .toList();
    }
  }
}
