package dev.weir.cli;

import dev.weir.artifact.ModelVersion;
import dev.weir.config.Project;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.registry.Act;
import dev.weir.registry.ModelReference;
import dev.weir.registry.RegisteredModel;
import dev.weir.registry.Registry;
import java.io.PrintStream;
import java.net.URI;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What the commands that say something of models do; all of it without Spark. */
final class RegistryActions {
  private final URI location;
  private final Project project;
  private final PrintStream out;
  private final PrintStream err;

  private RegistryActions(URI location, Project project, PrintStream out, PrintStream err) {
    this.location = location;
    this.project = project;
    this.out = out;
    this.err = err;
  }

  static RegistryActions of(Workspace workspace) {
    Project project = workspace.project();
    return new RegistryActions(workspace.home(project), project, System.out, System.err);
  }

  int approve(String model, @Nullable String evaluation, Act act) {
    return with(
        model,
        (registry, version) -> {
          Fact.ModelReviewed fact = registry.approve(version, evaluation, act);
          say("%s is approved%s".formatted(version, on(fact)), act, fact.overrode());
          return ExitCode.DONE;
        });
  }

  int reject(String model, @Nullable String evaluation, Act act) {
    return with(
        model,
        (registry, version) -> {
          Fact.ModelReviewed fact = registry.reject(version, evaluation, act);
          say("%s is rejected%s".formatted(version, on(fact)), act, fact.overrode());
          return ExitCode.DONE;
        });
  }

  int retire(String model, Act act) {
    return with(
        model,
        (registry, version) -> {
          say("%s is retired".formatted(version), act, registry.retire(version, act).overrode());
          return ExitCode.DONE;
        });
  }

  private static String on(Fact.ModelReviewed fact) {
    return fact.evaluation() == null ? "" : " on " + fact.evaluation();
  }

  private void say(String what, Act act, @Nullable String overrode) {
    out.println("%s, by %s.".formatted(what, act.by().text()));
    if (overrode != null) {
      out.println("Set aside: " + overrode);
    }
  }

  private int with(String model, BiFunction<Registry, ModelVersion, Integer> work) {
    ModelReference reference = ModelReference.parse(model);
    try (HomeReader home = HomeReader.open(location)) {
      Registry registry = registry(home);
      int code = work.apply(registry, registry.look().find(reference).version());
      AuditActions.seal(home.events(), project, err);
      return code;
    }
  }

  int alias(AliasCommand command) {
    ModelReference asked = ModelReference.parse(command.model);
    Act act = new Act(command.deed.actor(), command.deed.reason(), command.override);
    try (HomeReader home = HomeReader.open(location)) {
      Registry registry = registry(home);
      ModelVersion to = null;
      Registry.Expected expected = expected(registry, asked, command);
      if (!command.remove) {
        to = registry.look().find(asked).version();
      } else if (registry.look().models(asked.name()).isEmpty()) {
        throw registry.look().unknown(asked.name());
      } else if (expected == null && asked.number() != null) {
        expected = new Registry.Expected(new ModelVersion(asked.name(), asked.number()));
      }
      Fact.AliasMoved moved = registry.alias(asked.name(), command.alias, expected, to, act);
      String before = moved.from() == null ? "no version" : moved.from();
      say(
          to == null
              ? "%s of %s names no version any more, after %s"
                  .formatted(moved.alias(), moved.model(), before)
              : "%s of %s names %s now, after %s"
                  .formatted(moved.alias(), moved.model(), moved.to(), before),
          act,
          moved.overrode());
      AuditActions.seal(home.events(), project, err);
      return ExitCode.DONE;
    }
  }

  private Registry registry(HomeReader home) {
    return Registry.of(home.events(), project.config().models());
  }

  private static Registry.@Nullable Expected expected(
      Registry registry, ModelReference asked, AliasCommand command) {
    String from = command.from;
    if (from == null) {
      return null;
    }
    if (from.equals(ModelReference.NONE)) {
      return new Registry.Expected(null);
    }
    ModelReference reference = ModelReference.parse(from);
    if (!reference.name().equals(asked.name())) {
      throw WeirException.user(
          "other-model",
          "--from names %s, and the alias is one of %s.".formatted(reference, asked.name()),
          "An alias names versions of one model.");
    }
    RegisteredModel model = registry.look().find(reference);
    return new Registry.Expected(model.version());
  }
}
