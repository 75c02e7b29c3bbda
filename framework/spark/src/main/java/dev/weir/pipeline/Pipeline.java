package dev.weir.pipeline;

import dev.weir.config.Problems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A graph of stages, immutable and checked: an instance has no wiring faults. */
public final class Pipeline {
  private final String name;
  private final Map<String, Object> params;
  private final List<StageDefinition> stages;
  private final Concurrency concurrency;
  private final Graph graph;

  /**
   * Checks the wiring; throws one error that lists every fault.
   *
   * @param name in lower case, with digits, underscores and dashes
   * @param params the parameters with the values of this run; a String, Long, Double or Boolean
   *     each
   * @param stages in the order they were given
   * @param concurrency what a run does that finds another under way
   */
  public Pipeline(
      String name,
      Map<String, Object> params,
      List<StageDefinition> stages,
      Concurrency concurrency) {
    this.name = Objects.requireNonNull(name);
    this.params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
    this.stages = List.copyOf(stages);
    this.concurrency = Objects.requireNonNull(concurrency);
    Problems problems = new Problems();
    String fault = Names.fault("pipeline", name);
    if (fault != null) {
      problems.add(fault);
    }
    this.params.forEach(
        (key, value) -> {
          String paramFault = Names.paramFault(key, value);
          if (paramFault != null) {
            problems.add(paramFault);
          }
        });
    Wiring wiring = Wiring.of(this.stages, problems);
    problems.throwIfAny("invalid-pipeline", "the pipeline '" + name + "'");
    this.graph = wiring.graph();
  }

  /** Starts building a pipeline. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** In lower case, with digits, underscores and dashes. */
  public String name() {
    return name;
  }

  /** The parameters with the values of this run; a String, Long, Double or Boolean each. */
  public Map<String, Object> params() {
    return params;
  }

  /** The stages in the order they were given. */
  public List<StageDefinition> stages() {
    return stages;
  }

  /** What a run does that finds another under way. */
  public Concurrency concurrency() {
    return concurrency;
  }

  /** How the stages hang together. */
  public Graph graph() {
    return graph;
  }

  /** By what it is made of; how that hangs together follows from it. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Pipeline that
        && name.equals(that.name)
        && params.equals(that.params)
        && stages.equals(that.stages)
        && concurrency == that.concurrency;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, params, stages, concurrency);
  }

  @Override
  public String toString() {
    return "Pipeline[%s, %s, %s, %s]".formatted(name, params, stages, concurrency);
  }

  /** Collects stages. Settings given after a stage are that stage's. */
  public static final class Builder {
    private final String name;
    private final Map<String, Object> params = new LinkedHashMap<>();
    private final List<StageDefinition> stages = new ArrayList<>();
    private Concurrency concurrency = Concurrency.REFUSE;

    private Builder(String name) {
      this.name = name;
    }

    /** Sets a parameter: a String, a whole number, a Double or a Boolean. */
    public Builder param(String key, Object value) {
      params.put(key, value instanceof Integer i ? Long.valueOf(i) : value);
      return this;
    }

    /** Adds a stage. */
    public Builder stage(String stageName, Stage stage) {
      stages.add(new StageDefinition(stageName, stage));
      return this;
    }

    /** Makes the last stage wait for others besides those that make what it reads. */
    public Builder after(String... names) {
      StageDefinition last = last();
      return replace(
          new StageDefinition(
              last.name(),
              last.stage(),
              Set.of(names),
              last.retry(),
              last.timeout(),
              last.cache()));
    }

    /** Sets how often the last stage is tried. */
    public Builder retry(Retry retry) {
      StageDefinition last = last();
      return replace(
          new StageDefinition(
              last.name(), last.stage(), last.after(), retry, last.timeout(), last.cache()));
    }

    /** Bounds an attempt at the last stage. */
    public Builder timeout(@Nullable Duration timeout) {
      StageDefinition last = last();
      return replace(
          new StageDefinition(
              last.name(), last.stage(), last.after(), last.retry(), timeout, last.cache()));
    }

    /** Says whether an earlier result of the last stage may be used again. */
    public Builder cache(Cache cache) {
      StageDefinition last = last();
      return replace(
          new StageDefinition(
              last.name(), last.stage(), last.after(), last.retry(), last.timeout(), cache));
    }

    /** Sets what a run does that finds another under way; it refuses unless told otherwise. */
    public Builder concurrency(Concurrency concurrency) {
      this.concurrency = concurrency;
      return this;
    }

    /** The pipeline; throws one error that lists every wiring fault. */
    public Pipeline build() {
      return new Pipeline(name, params, stages, concurrency);
    }

    private StageDefinition last() {
      if (stages.isEmpty()) {
        throw new IllegalStateException("Add a stage before its settings");
      }
      return stages.get(stages.size() - 1);
    }

    private Builder replace(StageDefinition definition) {
      stages.set(stages.size() - 1, definition);
      return this;
    }
  }
}
