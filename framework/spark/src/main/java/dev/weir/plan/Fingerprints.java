package dev.weir.plan;

import dev.weir.code.CodeDigests;
import dev.weir.code.StageCode;
import dev.weir.lineage.Fact;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageJson;
import dev.weir.pipeline.UsesByName;
import dev.weir.store.Sha256;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the results of stages follow from. Safe for use by several threads.
 *
 * <p>A stage's own name counts, since it may ask for it; an input counts by its content and not by
 * its version, so that what is made again and is the same makes nothing else run again.
 */
public final class Fingerprints {
  /** Of an attempt that did not say what its result follows from. */
  static final Fact.Fingerprint UNKNOWN =
      new Fact.Fingerprint("", "", Map.of(), "", Map.of(), Map.of());

  private static final int SHORT = 16;

  private final Map<String, String> platform;
  private final Map<ClassLoader, CodeDigests> digests = new ConcurrentHashMap<>();
  private final Map<Named, StageCode> codes = new ConcurrentHashMap<>();

  private record Named(Class<?> stage, Collection<String> names) {}

  /** Of stages that run on the Spark and the Delta of this class path. */
  public Fingerprints() {
    this(Map.of("spark", Platform.spark(), "delta", Platform.delta()));
  }

  /**
   * @param platform the versions of what runs the stages, by name
   */
  Fingerprints(Map<String, String> platform) {
    this.platform = Map.copyOf(platform);
  }

  /** The code of a stage. */
  StageCode code(Stage stage) {
    Collection<String> names =
        stage instanceof UsesByName byName ? List.copyOf(byName.classNames()) : List.of();
    return codes.computeIfAbsent(new Named(stage.getClass(), names), this::digest);
  }

  private StageCode digest(Named named) {
    ClassLoader loader = named.stage().getClassLoader();
    return digests.computeIfAbsent(loader, CodeDigests::of).of(named.stage(), named.names());
  }

  /** The classes and jars of the code of all stages, each with the beginning of its digest. */
  public SortedMap<String, String> classes(Collection<StageDefinition> stages) {
    SortedMap<String, String> classes = new TreeMap<>();
    for (StageDefinition definition : stages) {
      classes.putAll(shortened(code(definition.stage())));
    }
    return classes;
  }

  /** The same for one stage's code. */
  static SortedMap<String, String> shortened(StageCode code) {
    SortedMap<String, String> all = new TreeMap<>(code.classes());
    all.putAll(code.jars());
    all.replaceAll((name, digest) -> digest.substring(0, Math.min(SHORT, digest.length())));
    return all;
  }

  /**
   * What the result of a stage follows from.
   *
   * @param inputs what it reads, by port
   * @param sources the files that it reads from outside of Weir
   */
  public Fact.Fingerprint of(
      StageDefinition definition,
      Map<String, Fact.Content> inputs,
      List<Fact.OutsideFile> sources) {
    String code = code(definition.stage()).digest();
    String files = sources(sources);
    StringBuilder work = new StringBuilder();
    work.append(definition.name()).append('\n');
    work.append(definition.stage().getClass().getName()).append('\n');
    work.append(StageJson.of(definition.stage())).append('\n');
    work.append(code).append('\n');
    new TreeMap<>(inputs)
        .forEach(
            (port, content) -> work.append(port).append(' ').append(content.digest()).append('\n'));
    work.append(files).append('\n');
    new TreeMap<>(platform)
        .forEach((name, version) -> work.append(name).append(' ').append(version).append('\n'));
    return new Fact.Fingerprint(
        Sha256.of(work.toString()), code, inputs, files, platform, Map.of());
  }

  private static String sources(List<Fact.OutsideFile> files) {
    if (files.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    for (Fact.OutsideFile file : files) {
      String content = file.content();
      // What the file of a commit is called says nothing where its content is known.
      text.append(content == null ? file.path() + ' ' + file.sha256() : content).append('\n');
    }
    return Sha256.of(text.toString());
  }
}
