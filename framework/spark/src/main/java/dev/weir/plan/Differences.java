package dev.weir.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.code.StageCode;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.pipeline.RunParams;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What first tells what a stage would do now from what it did before, in words. */
final class Differences {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONG = 60;

  private final PriorWork prior;
  private final Fingerprints fingerprints;
  private final Map<String, Object> params;
  private final Fact.Snapshot snapshot;

  Differences(
      PriorWork prior,
      Fingerprints fingerprints,
      Map<String, Object> params,
      Fact.Snapshot snapshot) {
    this.prior = prior;
    this.fingerprints = fingerprints;
    this.params = params;
    this.snapshot = snapshot;
  }

  /**
   * The first difference.
   *
   * @param now what the result would follow from; inputs that are not known yet are left out, and
   *     not compared
   * @param complete whether all inputs are known
   */
  Optional<String> first(
      StageDefinition definition, Prior before, Fact.Fingerprint now, boolean complete) {
    String type = definition.stage().getClass().getName();
    if (!type.equals(before.type())) {
      return Optional.of("it is a %s now, and was a %s".formatted(type, before.type()));
    }
    return configuration(definition, before)
        .or(() -> params(before))
        .or(() -> inputs(before.fingerprint(), now, complete))
        .or(() -> sources(definition, before, now))
        .or(() -> code(definition, before, now))
        .or(() -> platform(before.fingerprint(), now));
  }

  // --- Configuration and parameters

  private Optional<String> configuration(StageDefinition definition, Prior before) {
    String now = StageJson.of(definition.stage());
    if (now.equals(before.config())) {
      return Optional.empty();
    }
    String[] found;
    try {
      found = differing("", JSON.readTree(before.config()), JSON.readTree(now));
    } catch (JsonProcessingException e) {
      found = null;
    }
    if (found == null) {
      return Optional.of("its configuration changed");
    }
    return Optional.of(named(before, found[0], found[1], found[2]));
  }

  /** The place of the first difference, the value there before and now; null if there is none. */
  private static String @Nullable [] differing(
      String place, @Nullable JsonNode before, @Nullable JsonNode now) {
    if (Objects.equals(before, now)) {
      return null;
    }
    if (before != null && now != null && before.isObject() && now.isObject()) {
      Set<String> names = new LinkedHashSet<>();
      before.fieldNames().forEachRemaining(names::add);
      now.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        String[] found =
            differing(place.isEmpty() ? name : place + "." + name, before.get(name), now.get(name));
        if (found != null) {
          return found;
        }
      }
    }
    if (before != null && now != null && before.isArray() && now.isArray()) {
      for (int i = 0; i < Math.max(before.size(), now.size()); i++) {
        String[] found = differing(place + "[" + i + "]", before.get(i), now.get(i));
        if (found != null) {
          return found;
        }
      }
    }
    return new String[] {place, text(before), text(now)};
  }

  private static String text(@Nullable JsonNode node) {
    return node == null ? "nothing" : node.isValueNode() ? node.asText() : node.toString();
  }

  /** A value of the configuration that comes from a parameter of the run is called by that. */
  private String named(Prior before, String place, String was, String is) {
    for (Map.Entry<String, String> param : prior.params(before.run()).entrySet()) {
      String value = RunParams.text(params, param.getKey());
      if (params.containsKey(param.getKey())
          && !value.equals(param.getValue())
          && is.contains(value)
          && was.contains(param.getValue())) {
        return "parameter %s changed from %s to %s"
            .formatted(param.getKey(), fit(param.getValue()), fit(value));
      }
    }
    return place.isEmpty()
        ? "its configuration changed from %s to %s".formatted(fit(was), fit(is))
        : "%s changed from %s to %s".formatted(place, fit(was), fit(is));
  }

  private static String fit(String value) {
    String line = value.replace('\n', ' ');
    return line.length() <= LONG ? line : line.substring(0, LONG) + "…";
  }

  private Optional<String> params(Prior before) {
    for (Map.Entry<String, String> asked :
        new TreeMap<>(before.fingerprint().params()).entrySet()) {
      String value = RunParams.text(params, asked.getKey());
      if (!value.equals(asked.getValue())) {
        return Optional.of(
            "parameter %s changed from %s to %s"
                .formatted(asked.getKey(), fit(asked.getValue()), fit(value)));
      }
    }
    return Optional.empty();
  }

  // --- What it reads

  private static Optional<String> inputs(
      Fact.Fingerprint before, Fact.Fingerprint now, boolean complete) {
    TreeSet<String> ports = new TreeSet<>(now.inputs().keySet());
    if (complete) {
      ports.addAll(before.inputs().keySet());
    }
    // Of other content they are others.
    ports.remove(Interventions.CORRECTIONS);
    for (String port : ports) {
      Fact.Content was = before.inputs().get(port);
      Fact.Content is = now.inputs().get(port);
      if (was == null) {
        return Optional.of("it reads %s, which it did not".formatted(reference(is)));
      }
      if (is == null) {
        return Optional.of("it no longer reads %s".formatted(reference(was)));
      }
      if (!was.digest().equals(is.digest())) {
        return Optional.of(
            was.reference().equals(is.reference())
                ? "%s holds something else than it did: its table was made again"
                    .formatted(bare(is.reference()))
                : "%s is another than %s".formatted(bare(is.reference()), bare(was.reference())));
      }
    }
    Fact.Content was = before.inputs().get(Interventions.CORRECTIONS);
    return complete && !Objects.equals(was, now.inputs().get(Interventions.CORRECTIONS))
        ? Optional.of("the rows that it had put aside were corrected")
        : Optional.empty();
  }

  private static String reference(Fact.@Nullable Content content) {
    return content == null ? "nothing" : bare(content.reference());
  }

  static String bare(String reference) {
    return reference.substring(reference.indexOf(':') + 1);
  }

  private Optional<String> sources(StageDefinition definition, Prior before, Fact.Fingerprint now) {
    if (before.fingerprint().sources().equals(now.sources())) {
      return Optional.empty();
    }
    Map<String, Fact.OutsideFile> was = files(prior.start(before.run()), definition.name());
    Map<String, Fact.OutsideFile> is = byPath(snapshot, definition.name());
    List<String> changes = new ArrayList<>();
    is.forEach(
        (path, file) -> {
          Fact.OutsideFile old = was.get(path);
          if (old == null) {
            changes.add(path + " is new");
          } else if (!old.sha256().equals(file.sha256())) {
            changes.add(path + " was written again");
          }
        });
    was.keySet().stream()
        .filter(path -> !is.containsKey(path))
        .forEach(path -> changes.add(path + " is gone"));
    if (changes.isEmpty()) {
      return Optional.of("what it reads from outside changed");
    }
    String first = "file " + changes.get(0);
    return Optional.of(
        changes.size() == 1 ? first : first + ", and %d more".formatted(changes.size() - 1));
  }

  private static Map<String, Fact.OutsideFile> files(
      Optional<Fact.RunStarted> start, String stage) {
    return start.map(run -> byPath(run.snapshot(), stage)).orElse(Map.of());
  }

  private static Map<String, Fact.OutsideFile> byPath(Fact.Snapshot snapshot, String stage) {
    Map<String, Fact.OutsideFile> files = new TreeMap<>();
    snapshot
        .sources()
        .getOrDefault(stage, List.of())
        .forEach(file -> files.put(file.path().replaceFirst("^file:/+", "/"), file));
    return files;
  }

  // --- What it is done by

  private Optional<String> code(StageDefinition definition, Prior before, Fact.Fingerprint now) {
    if (before.fingerprint().code().equals(now.code())) {
      return Optional.empty();
    }
    return Optional.of(
        code(
            fingerprints.code(definition.stage()),
            prior.start(before.run()).map(Fact.RunStarted::code).orElse(Map.of())));
  }

  /**
   * What changed of a stage's code.
   *
   * @param before classes and jars of the code of a run, each with the beginning of its digest
   */
  static String code(StageCode code, Map<String, String> before) {
    if (before.isEmpty()) {
      return "its code changed";
    }
    String added = null;
    for (Map.Entry<String, String> entry : Fingerprints.shortened(code).entrySet()) {
      String kind = code.classes().containsKey(entry.getKey()) ? "class " : "jar ";
      String was = before.get(entry.getKey());
      if (was == null) {
        added = added == null ? kind + entry.getKey() + " of its code is new" : added;
      } else if (!was.equals(entry.getValue())) {
        return kind + entry.getKey() + " of its code changed";
      }
    }
    return added == null ? "its code no longer reaches a class that it did" : added;
  }

  private static Optional<String> platform(Fact.Fingerprint before, Fact.Fingerprint now) {
    for (Map.Entry<String, String> version : new TreeMap<>(now.platform()).entrySet()) {
      String was = before.platform().get(version.getKey());
      if (!version.getValue().equals(was)) {
        return Optional.of(
            "%s changed from %s to %s".formatted(version.getKey(), was, version.getValue()));
      }
    }
    return Optional.empty();
  }
}
