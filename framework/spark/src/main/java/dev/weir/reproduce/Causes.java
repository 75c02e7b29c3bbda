package dev.weir.reproduce;

import dev.weir.lineage.Fact;
import dev.weir.pipeline.RecordedStages;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import dev.weir.plan.Fingerprints;
import dev.weir.provenance.JsonLeaves;
import dev.weir.provenance.Work;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is not as it was of the work of a stage, by what was recorded then and now. */
final class Causes {
  private static final int MOST = 5;
  private static final int LONG = 60;
  private static final String CONF = "spark_conf";

  private final Fingerprints fingerprints = new Fingerprints();

  /**
   * What is otherwise, but for what the stage reads of other stages.
   *
   * @param now the end of the stage now
   * @param startedNow how its run began
   */
  List<Cause> of(
      Work then,
      Fact.RunStarted startedThen,
      StageDefinition definition,
      Fact.StageFinished now,
      Fact.RunStarted startedNow) {
    List<Cause> causes = new ArrayList<>();
    String stage = then.stage();
    code(then, startedThen, definition, now)
        .forEach(text -> causes.add(new Cause(Cause.Kind.CODE, stage, text)));
    configuration(then, startedThen, definition, now)
        .forEach(text -> causes.add(new Cause(Cause.Kind.CONFIGURATION, stage, text)));
    platform(then, now, startedThen, "spark", Cause.Kind.SPARK, "Spark", causes);
    platform(then, now, startedThen, "delta", Cause.Kind.DELTA, "Delta", causes);
    Map<String, String> before = startedThen.environment();
    Map<String, String> after = startedNow.environment();
    differing(
            before.getOrDefault(CONF, "{}"),
            after.getOrDefault(CONF, "{}"),
            before.containsKey(CONF))
        .forEach(
            text ->
                causes.add(new Cause(Cause.Kind.CONFIGURATION, stage, "Spark's setting " + text)));
    changed(before.get("java"), after.get("java"))
        .ifPresent(text -> causes.add(new Cause(Cause.Kind.JAVA, stage, "Java " + text)));
    String module = before.get("vector_module");
    if (module != null && !module.equals(after.get("vector_module"))) {
      causes.add(
          new Cause(
              Cause.Kind.VECTOR_MODULE,
              stage,
              "Java's vector module jdk.incubator.vector %s then and %s now: with it sums of products are rounded otherwise"
                  .formatted(
                      module.equals("true") ? "was there" : "was not there",
                      module.equals("true") ? "is not" : "is")));
    }
    String partitions = then.params().get("partitions");
    if (partitions != null && partitions.matches("\\d{1,9}") && Integer.parseInt(partitions) > 2) {
      causes.add(
          new Cause(
              Cause.Kind.PARTITIONS,
              stage,
              "the rows lay in %s partitions: above 2, sums depend on which ends first"
                  .formatted(partitions)));
    }
    return causes;
  }

  private static java.util.Optional<String> changed(@Nullable String then, @Nullable String now) {
    return then == null || then.equals(now)
        ? java.util.Optional.empty()
        : java.util.Optional.of("was %s then and is %s now".formatted(then, now));
  }

  private static void platform(
      Work then,
      Fact.StageFinished now,
      Fact.RunStarted startedThen,
      String name,
      Cause.Kind kind,
      String called,
      List<Cause> causes) {
    Fact.Fingerprint before = then.end().fingerprint();
    Fact.Fingerprint after = now.fingerprint();
    String was = before == null ? startedThen.environment().get(name) : before.platform().get(name);
    String is = after == null ? null : after.platform().get(name);
    if (is != null) {
      changed(was, is)
          .ifPresent(text -> causes.add(new Cause(kind, then.stage(), called + " " + text)));
    }
  }

  // --- Code

  private List<String> code(
      Work then, Fact.RunStarted started, StageDefinition definition, Fact.StageFinished now) {
    Fact.Fingerprint before = then.end().fingerprint();
    Fact.Fingerprint after = now.fingerprint();
    List<String> texts = new ArrayList<>();
    if (before == null || after == null) {
      return texts;
    }
    if (!before.code().equals(after.code())) {
      List<String> names = new ArrayList<>();
      fingerprints
          .classes(List.of(definition))
          .forEach(
              (name, digest) -> {
                String was = started.code().get(name);
                if (!digest.equals(was)) {
                  names.add(was == null ? name + " (new)" : name);
                }
              });
      texts.add(
          names.isEmpty()
              ? "the code no longer reaches a class that it did"
              : "the code changed: " + few(names));
    }
    if (!before.sources().equals(after.sources())) {
      List<String> files = new ArrayList<>();
      Set<String> read = new TreeSet<>();
      now.reads().forEach(found -> read.add(found.reference()));
      then.end()
          .reads()
          .forEach(
              found -> {
                if (found.reference().startsWith("file:") && !read.contains(found.reference())) {
                  files.add(
                      found
                          .reference()
                          .substring("file:".length(), found.reference().lastIndexOf('@')));
                }
              });
      texts.add(
          files.isEmpty()
              ? "the files that it reads are others"
              : "a file is another than it was: " + few(files));
    }
    return texts;
  }

  private static String few(List<String> names) {
    return names.size() <= MOST
        ? String.join(", ", names)
        : "%s and %d more"
            .formatted(String.join(", ", names.subList(0, MOST)), names.size() - MOST);
  }

  // --- Configuration

  private static List<String> configuration(
      Work then, Fact.RunStarted started, StageDefinition definition, Fact.StageFinished now) {
    Set<String> texts = new LinkedHashSet<>();
    String made = StageJson.of(definition.stage());
    differing(then.config(), made, true)
        .forEach(text -> texts.add("the class takes its configuration otherwise: " + text));
    String defined = RecordedStages.config(started.definition(), then.stage());
    if (defined != null) {
      differing(defined, then.config(), true)
          .forEach(text -> texts.add("of what the run's definition says, " + text));
    }
    Map<String, String> noted = new java.util.TreeMap<>();
    now.params().forEach(param -> noted.put(param.name(), param.value()));
    then.params()
        .forEach(
            (name, value) ->
                changed(value, noted.getOrDefault(name, "nothing"))
                    .ifPresent(text -> texts.add("parameter " + name + " " + text)));
    Fact.Fingerprint before = then.end().fingerprint();
    Fact.Fingerprint after = now.fingerprint();
    if (before != null && after != null) {
      before
          .params()
          .forEach(
              (name, value) ->
                  changed(value, after.params().getOrDefault(name, "nothing"))
                      .ifPresent(text -> texts.add("parameter " + name + " " + text)));
      if (texts.isEmpty()
          && !before.work().equals(after.work())
          && sameButConfiguration(before, after)) {
        texts.add(
            "the recorded configuration is not the one that the stage's fingerprint was taken of");
      }
    }
    return List.copyOf(texts);
  }

  /** The digest of the work is of these, and of the stage's name, class and configuration. */
  private static boolean sameButConfiguration(Fact.Fingerprint before, Fact.Fingerprint after) {
    return before.code().equals(after.code())
        && before.sources().equals(after.sources())
        && before.platform().equals(after.platform())
        && differingInputs(before, after).isEmpty();
  }

  /** The ports through which something else is read. */
  static Set<String> differingInputs(
      Fact.@Nullable Fingerprint before, Fact.@Nullable Fingerprint after) {
    Set<String> ports = new TreeSet<>();
    if (before != null && after != null) {
      before
          .inputs()
          .forEach(
              (port, was) -> {
                Fact.Content is = after.inputs().get(port);
                if (is == null || !is.digest().equals(was.digest())) {
                  ports.add(port);
                }
              });
    }
    return ports;
  }

  private static List<String> differing(String then, String now, boolean known) {
    List<String> texts = new ArrayList<>();
    if (!known || then.equals(now)) {
      return texts;
    }
    Map<String, String> was = JsonLeaves.of(then);
    Map<String, String> is = JsonLeaves.of(now);
    Set<String> places = new TreeSet<>(was.keySet());
    places.addAll(is.keySet());
    for (String place : places) {
      if (!Objects.equals(was.get(place), is.get(place))) {
        texts.add(
            "%s was %s then and is %s now"
                .formatted(place, fit(was.get(place)), fit(is.get(place))));
      }
    }
    return texts;
  }

  private static String fit(@Nullable String value) {
    if (value == null) {
      return "not there";
    }
    String line = value.replace('\n', ' ');
    return line.length() <= LONG ? line : line.substring(0, LONG) + "…";
  }
}
