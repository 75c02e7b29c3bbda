package dev.weir.plan;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.Made;
import dev.weir.pipeline.Cache;
import dev.weir.pipeline.Gate;
import dev.weir.pipeline.Graph;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.StageDefinition;
import dev.weir.store.Home;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which stages of a pipeline have to run. Has no side effects.
 *
 * <p>A stage whose inputs are all known is decided at once. One that reads what a stage before it
 * is yet to make is decided when that has ended: made again, it may be the same as before.
 */
public final class Planner {
  private final Pipeline pipeline;
  private final Graph graph;
  private final PriorWork prior;
  private final Fingerprints fingerprints;
  private final Snapshots.Taken taken;
  private final Fact.Choice choice;
  private final Set<String> forced;
  private final Set<String> asTheyAre;
  private final Availability availability;
  private final Differences differences;
  private final Interventions interventions;

  /**
   * @param home where results are, or null if there is no home yet
   * @param taken what the run reads from outside of the pipeline
   * @param choice which stages were asked for
   */
  public Planner(
      Pipeline pipeline,
      @Nullable Home home,
      PriorWork prior,
      Fingerprints fingerprints,
      Snapshots.Taken taken,
      Fact.Choice choice) {
    this.pipeline = pipeline;
    this.graph = pipeline.graph();
    this.prior = prior;
    this.fingerprints = fingerprints;
    this.taken = taken;
    this.choice = choice;
    this.forced = Set.copyOf(choice.forced());
    this.asTheyAre = Set.copyOf(choice.taken());
    this.availability = new Availability(home, prior.deletions());
    this.differences = new Differences(prior, fingerprints, pipeline.params(), taken.snapshot());
    this.interventions = prior.interventions();
  }

  /** What a stage reads, as far as it is known. */
  private record Inputs(Map<String, Fact.Content> known, List<Unknown> unknown) {}

  /**
   * Something that is yet to be made.
   *
   * @param name the dataset or model
   */
  private record Unknown(String port, String producer, String name) {}

  /**
   * What a run would do.
   *
   * @param done stages that the run has finished already
   * @param decided told each stage as it is decided
   */
  public Plan plan(
      Map<String, Fact.StageFinished> done, BiConsumer<PlannedStage, StageDefinition> decided) {
    Map<String, StageDefinition> definitions = new HashMap<>();
    pipeline.stages().forEach(stage -> definitions.put(stage.name(), stage));
    Map<String, Made> made = new HashMap<>();
    List<PlannedStage> stages = new ArrayList<>();
    // What was made last is most often what is asked for.
    availability.expect(
        graph.order().stream()
            .filter(name -> !done.containsKey(name) && !forced.contains(name))
            .flatMap(name -> prior.latest(name).stream())
            .map(prior::made)
            .toList());
    for (String name : graph.order()) {
      StageDefinition definition = Objects.requireNonNull(definitions.get(name));
      Fact.StageFinished before = done.get(name);
      PlannedStage stage = before == null ? decide(definition, made) : done(before);
      Made result = stage.made();
      if (result != null) {
        made.put(name, result);
      }
      stages.add(stage);
      decided.accept(stage, definition);
    }
    return new Plan(pipeline.name(), stages);
  }

  /**
   * Decides one stage.
   *
   * @param made what stages before it have published in this run, or will by being used again
   */
  public PlannedStage decide(StageDefinition definition, Map<String, Made> made) {
    String name = definition.name();
    if (asTheyAre.contains(name)) {
      return asItIs(definition);
    }
    Inputs inputs = inputs(definition, made);
    Fact.Fingerprint fingerprint =
        fingerprints.of(
            definition, inputs.known(), taken.snapshot().sources().getOrDefault(name, List.of()));
    boolean complete = inputs.unknown().isEmpty();
    Fact.Fingerprint whole = complete ? fingerprint : null;
    if (forced.contains(name)) {
      return PlannedStage.run(name, "it was asked for", whole);
    }
    if (definition.cache() == Cache.NEVER) {
      return PlannedStage.run(name, "cache: never", whole);
    }
    String missing = taken.missing().get(name);
    if (missing != null) {
      return PlannedStage.run(name, missing.replaceFirst("\\.$", ""), null);
    }
    return complete
        ? known(definition, fingerprint)
        : open(definition, fingerprint, inputs.unknown());
  }

  /** A stage that the run has finished already. */
  private PlannedStage done(Fact.StageFinished end) {
    Fact.Reused reused = end.reused();
    Prior itself =
        new Prior(
            reused == null ? end.run() : reused.run(),
            end.stage(),
            reused == null ? end.attempt() : reused.attempt(),
            end.at(),
            end.type(),
            "{}",
            end.fingerprint() == null ? Fingerprints.UNKNOWN : end.fingerprint());
    return new PlannedStage(
        end.stage(),
        Verdict.REUSE,
        "finished earlier in this run",
        end.fingerprint(),
        itself,
        new Made(end.datasets(), end.models(), prior.made(itself).registered()));
  }

  /** A stage whose inputs are all known. */
  private PlannedStage known(StageDefinition definition, Fact.Fingerprint fingerprint) {
    String name = definition.name();
    Optional<Prior> same = prior.find(name, fingerprint.work(), pipeline.params());
    if (same.isPresent()) {
      Made result = prior.made(same.get());
      Optional<String> trouble = availability.trouble(result);
      return trouble.isPresent()
          ? PlannedStage.run(
              name,
              "%s of run %s can't be read any more: %s"
                  .formatted(names(result), same.get().run(), trouble.get()),
              fingerprint)
          : reuse(name, "the same as in run " + same.get().run(), fingerprint, same.get(), result);
    }
    Optional<Prior> latest = prior.latest(name);
    String reason =
        latest.isEmpty()
            ? "it has not run before"
            : differences
                .first(definition, latest.get(), fingerprint, true)
                .orElse("what it does is not what it did in run " + latest.get().run());
    return PlannedStage.run(name, reason, fingerprint);
  }

  /** A stage that reads what is yet to be made. */
  private PlannedStage open(
      StageDefinition definition, Fact.Fingerprint partial, List<Unknown> unknown) {
    String name = definition.name();
    Optional<Prior> latest = prior.latest(name);
    if (latest.isEmpty()) {
      return PlannedStage.run(name, "it has not run before", null);
    }
    Optional<String> difference = differences.first(definition, latest.get(), partial, false);
    if (difference.isPresent()) {
      return PlannedStage.run(name, difference.get(), null);
    }
    Unknown first = unknown.get(0);
    Fact.Content was = latest.get().fingerprint().inputs().get(first.port());
    return new PlannedStage(
        name,
        Verdict.MAYBE,
        "not if %s makes %s again%s"
            .formatted(
                first.producer(),
                first.name(),
                was == null ? "" : " as it was in " + Differences.bare(was.reference())),
        null,
        null,
        null);
  }

  /** A stage whose last result is taken, whatever has changed since. */
  private PlannedStage asItIs(StageDefinition definition) {
    String name = definition.name();
    Optional<Prior> latest = prior.latest(name);
    if (latest.isEmpty()) {
      return PlannedStage.run(name, "it has not run before", null);
    }
    Made result = prior.made(latest.get());
    Optional<String> trouble = availability.trouble(result);
    return trouble.isPresent()
        ? PlannedStage.run(
            name,
            "%s of run %s can't be read any more: %s"
                .formatted(names(result), latest.get().run(), trouble.get()),
            null)
        : reuse(
            name,
            "taken as it is from run " + latest.get().run(),
            latest.get().fingerprint(),
            latest.get(),
            result);
  }

  private static PlannedStage reuse(
      String name, String reason, Fact.Fingerprint fingerprint, Prior prior, Made made) {
    return new PlannedStage(
        name,
        Verdict.REUSE,
        reason,
        fingerprint.withParams(prior.fingerprint().params()),
        prior,
        made);
  }

  private static String names(Made made) {
    Set<String> names = new TreeSet<>();
    made.datasets().forEach(dataset -> names.add(Differences.bare(dataset.reference())));
    made.models().forEach(model -> names.add("the model " + name(model)));
    return names.isEmpty() ? "the result" : String.join(" and ", names);
  }

  private static String name(Fact.ModelWritten model) {
    return ((ModelCandidate) ArtifactVersion.parse(model.reference())).name().toString();
  }

  // --- What a stage reads

  private Inputs inputs(StageDefinition definition, Map<String, Made> made) {
    Ports ports = Ports.of(definition.stage());
    Map<String, Fact.Content> known = new TreeMap<>();
    List<Unknown> unknown = new ArrayList<>();
    for (Ports.Port<Input> port : ports.inputs()) {
      Input input = port.value();
      String producer = input.version() == null ? graph.producer(input.name()).orElse(null) : null;
      Optional<Fact.Content> content =
          producer == null
              ? Optional.ofNullable(taken.snapshot().datasets().get(input.toString()))
                  .map(Planner::content)
              : dataset(made.get(producer), input);
      put(port.name(), producer, input.name().toString(), content, known, unknown);
      if (definition.stage() instanceof Gate gate && gate.checked().equals(input)) {
        content
            .flatMap(it -> decided(definition, it.reference(), it.digest()).input())
            .ifPresent(it -> known.put(Interventions.CORRECTIONS, it));
      }
    }
    for (Ports.Port<ModelInput> port : ports.modelInputs()) {
      ModelInput input = port.value();
      String producer = input.number() == null ? graph.producer(input.name()).orElse(null) : null;
      Optional<Fact.Content> content =
          producer == null
              ? Optional.ofNullable(taken.snapshot().models().get(input.toString()))
                  .map(read -> content(read.reference(), read.written()))
              : model(made.get(producer), input);
      put(port.name(), producer, "the model " + input.name(), content, known, unknown);
    }
    return new Inputs(known, unknown);
  }

  /** What people had decided of a dataset version that a stage reads, when this was made. */
  public Interventions.Decided decided(
      StageDefinition definition, String reference, String digest) {
    return definition.stage() instanceof Gate
        ? interventions.of(
            Interventions.gate(pipeline.name(), definition.name()), reference, digest)
        : Interventions.Decided.NOTHING;
  }

  private static void put(
      String port,
      @Nullable String producer,
      String name,
      Optional<Fact.Content> content,
      Map<String, Fact.Content> known,
      List<Unknown> unknown) {
    if (content.isPresent()) {
      known.put(port, content.get());
    } else {
      unknown.add(new Unknown(port, producer == null ? "another pipeline" : producer, name));
    }
  }

  private static Optional<Fact.Content> dataset(@Nullable Made made, Input input) {
    return made == null
        ? Optional.empty()
        : made.datasets().stream()
            .filter(
                dataset ->
                    ((DatasetVersion) ArtifactVersion.parse(dataset.reference()))
                        .name()
                        .equals(input.name()))
            .findFirst()
            .map(Planner::content);
  }

  private static Optional<Fact.Content> model(@Nullable Made made, ModelInput input) {
    return made == null
        ? Optional.empty()
        : made.models().stream()
            .filter(
                model ->
                    ((ModelCandidate) ArtifactVersion.parse(model.reference()))
                        .name()
                        .equals(input.name()))
            .findFirst()
            .map(model -> content(model.reference(), model));
  }

  private static Fact.Content content(Fact.DatasetWritten dataset) {
    return new Fact.Content(dataset.reference(), dataset.digest());
  }

  private static Fact.Content content(String reference, Fact.ModelWritten model) {
    // What was learned, where that is known: the files of two equal fits differ.
    return new Fact.Content(
        reference, model.content().isEmpty() ? model.digest() : model.content());
  }

  /** Which stages were asked for. */
  public Fact.Choice choice() {
    return choice;
  }

  /** What has changed of a stage's code since a run began. */
  public Optional<String> codeChange(StageDefinition definition, Fact.RunStarted since) {
    Map<String, String> before = since.code();
    boolean same =
        Fingerprints.shortened(fingerprints.code(definition.stage())).entrySet().stream()
            .allMatch(entry -> entry.getValue().equals(before.get(entry.getKey())));
    return same
        ? Optional.empty()
        : Optional.of(Differences.code(fingerprints.code(definition.stage()), before));
  }

  /** The code of all stages, for the run's first fact. */
  public Map<String, String> classes() {
    return new LinkedHashMap<>(fingerprints.classes(pipeline.stages()));
  }
}
