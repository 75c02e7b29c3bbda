package dev.weir.provenance;

import dev.weir.lineage.Fact;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Lays two provenances side by side. */
public final class Comparison {
  /** What a run's surroundings hold that differs each time, or is said elsewhere. */
  private static final Set<String> LEFT_OUT =
      Set.of("log", "last_words", "command", "home", "git_commit", "git_dirty");

  private static final int SHORT = 12;

  private Comparison() {}

  /**
   * What a part is: as it is shown, and as it is compared.
   *
   * @param compared equal where two are the same
   */
  private record Trait(String shown, String compared) {
    Trait(String value) {
      this(value, value);
    }
  }

  /** Everything that either has, part by part and by name. */
  public static List<Difference> of(Provenance first, Provenance second) {
    Set<String> both = stages(first);
    both.retainAll(stages(second));
    List<Difference> differences = new ArrayList<>();
    for (Difference.Part part : Difference.Part.values()) {
      SortedMap<String, Trait> one = traits(part, first, both);
      SortedMap<String, Trait> other = traits(part, second, both);
      Set<String> names = new LinkedHashSet<>(new TreeMap<>(one).keySet());
      names.addAll(other.keySet());
      for (String name : names.stream().sorted().toList()) {
        Trait a = one.get(name);
        Trait b = other.get(name);
        differences.add(
            new Difference(
                part,
                name,
                a == null ? null : a.shown(),
                b == null ? null : b.shown(),
                a != null && b != null && a.compared().equals(b.compared())));
      }
    }
    return differences;
  }

  private static Set<String> stages(Provenance provenance) {
    Set<String> stages = new HashSet<>();
    provenance.works().forEach(work -> stages.add(work.stage()));
    return stages;
  }

  private static SortedMap<String, Trait> traits(
      Difference.Part part, Provenance provenance, Set<String> both) {
    SortedMap<String, Trait> traits = new TreeMap<>();
    switch (part) {
      case MODEL -> provenance.works().forEach(work -> models(work, traits));
      case DATA -> data(provenance, traits);
      case FILES -> files(provenance, traits);
      case CODE -> code(provenance, traits);
      case CONFIGURATION -> provenance.works().forEach(work -> configuration(work, both, traits));
      case PARAMETERS -> parameters(provenance, traits);
      case METRICS -> provenance.works().forEach(work -> metrics(work, traits));
      case ENVIRONMENT ->
          provenance
              .started()
              .environment()
              .forEach(
                  (name, value) -> {
                    if (!LEFT_OUT.contains(name)) {
                      traits.put(name, new Trait(value));
                    }
                  });
      case REVIEWS -> {
        int number = 0;
        for (String review : provenance.reviews()) {
          traits.put("review " + ++number, new Trait(review));
        }
      }
    }
    return traits;
  }

  private static void models(Work work, SortedMap<String, Trait> traits) {
    for (Fact.ModelWritten model : work.end().models()) {
      String name = name(model.reference());
      String content = model.content().isEmpty() ? model.digest() : model.content();
      put(traits, name + " learned", new Trait(shortened(content), content));
      put(traits, name + " signature", new Trait(model.signature()));
      put(traits, name + " type", new Trait(model.type()));
    }
  }

  private static void data(Provenance provenance, SortedMap<String, Trait> traits) {
    Set<String> made = new HashSet<>();
    for (Work work : provenance.works()) {
      for (Fact.DatasetWritten dataset : work.end().datasets()) {
        made.add(dataset.reference());
        put(
            traits,
            name(dataset.reference()),
            new Trait(
                "%s  %,d rows  %s"
                    .formatted(
                        version(dataset.reference()), dataset.rows(), shortened(dataset.digest())),
                dataset.digest()));
      }
    }
    for (Work work : provenance.works()) {
      Fact.Fingerprint fingerprint = work.end().fingerprint();
      for (Fact.Read read : work.end().reads()) {
        if (read.reference().startsWith("dataset:") && made.add(read.reference())) {
          Fact.Content content = fingerprint == null ? null : fingerprint.inputs().get(read.port());
          put(
              traits,
              name(read.reference()),
              content == null
                  ? new Trait(version(read.reference()))
                  : new Trait(
                      version(read.reference()) + "  " + shortened(content.digest()),
                      content.digest()));
        }
      }
    }
  }

  private static void files(Provenance provenance, SortedMap<String, Trait> traits) {
    for (Work work : provenance.works()) {
      for (Fact.Read read : work.end().reads()) {
        String reference = read.reference();
        if (reference.startsWith("file:")) {
          String sha256 = reference.substring(reference.lastIndexOf('@') + 1);
          traits.put(
              reference.substring("file:".length(), Math.max(5, reference.lastIndexOf('@'))),
              new Trait(shortened(sha256), sha256));
        }
      }
    }
  }

  private static void code(Provenance provenance, Map<String, Trait> traits) {
    Map<String, String> environment = provenance.started().environment();
    for (String name : List.of("git_commit", "git_dirty")) {
      String value = environment.get(name);
      if (value != null) {
        traits.put(name.replace('_', ' '), new Trait(value));
      }
    }
    // Of a class that is in several runs, as it was in the last.
    Set<String> working = new HashSet<>();
    provenance.works().forEach(work -> working.add(work.run()));
    provenance
        .runs()
        .forEach(
            (run, started) -> {
              if (working.contains(run)) {
                started.code().forEach((name, digest) -> traits.put(name, new Trait(digest)));
              }
            });
  }

  private static void configuration(Work work, Set<String> both, SortedMap<String, Trait> traits) {
    if (!both.contains(work.stage())) {
      put(traits, work.stage(), new Trait("a stage of " + work.end().type()));
      return;
    }
    put(traits, work.stage() + " is a", new Trait(work.end().type()));
    JsonLeaves.of(work.config())
        .forEach((place, value) -> put(traits, work.stage() + " " + place, new Trait(value)));
  }

  private static void parameters(Provenance provenance, SortedMap<String, Trait> traits) {
    provenance.started().params().forEach((name, value) -> traits.put(name, new Trait(value)));
    for (Work work : provenance.works()) {
      work.params()
          .forEach((name, value) -> put(traits, work.stage() + " " + name, new Trait(value)));
    }
  }

  private static void metrics(Work work, SortedMap<String, Trait> traits) {
    for (Fact.Metric metric : work.end().metrics()) {
      if (repeatable(metric.name())) {
        put(traits, work.stage() + " " + metric.name(), new Trait(Double.toString(metric.value())));
      }
    }
  }

  /** Whether a metric is the same in two runs that do the same: not how long it took. */
  public static boolean repeatable(String metric) {
    return !metric.endsWith("-seconds") && !metric.startsWith("spark.");
  }

  private static void put(SortedMap<String, Trait> traits, String name, Trait trait) {
    String key = name;
    for (int again = 2; traits.containsKey(key); again++) {
      key = name + " (" + again + ")";
    }
    traits.put(key, trait);
  }

  private static String name(String reference) {
    return reference.substring(reference.indexOf(':') + 1, reference.lastIndexOf('@'));
  }

  private static String version(String reference) {
    return reference.substring(reference.lastIndexOf('@'));
  }

  private static String shortened(String digest) {
    return digest.substring(0, Math.min(SHORT, digest.length()));
  }
}
