package dev.weir.registry;

import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.config.ModelPolicy;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Aliases;
import dev.weir.lineage.Deeds;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What people do to the model versions of a home: approve, reject and retire them, and move the
 * aliases that name them. Each is one fact, committed only if nothing was done since it was found
 * to be allowed.
 */
public final class Registry {
  private static final String OVERRIDE = "--override sets the rule aside, and is kept with it.";

  private final Events events;
  private final List<ModelPolicy> policies;
  private final Runnable beforeCommit;

  /**
   * @param beforeCommit told of each time that something was found to be allowed
   */
  Registry(Events events, List<ModelPolicy> policies, Runnable beforeCommit) {
    this.events = events;
    this.policies = List.copyOf(policies);
    this.beforeCommit = beforeCommit;
  }

  /**
   * The registry of a home.
   *
   * @param policies what is demanded of models; the first that fits a model's name counts
   */
  public static Registry of(Events events, List<ModelPolicy> policies) {
    return new Registry(events, policies, () -> {});
  }

  /**
   * What an alias is thought to name.
   *
   * @param version the version, or null if it is thought to name none
   */
  public record Expected(@Nullable ModelVersion version) {}

  /** The models as they are now. */
  public RegistryView look() {
    return RegistryView.of(LineageReader.open(events));
  }

  // --- Reviews

  /**
   * Approves a version: these files, on its own evaluation.
   *
   * @param evaluation the evaluation that was looked at, {@code dataset:…@…}, or null for the
   *     version's own
   * @throws WeirException {@code other-evaluation} if that is another, {@code four-eyes} if the
   *     policy wants somebody else, {@code already-reviewed}, {@code retired}, {@code
   *     reviewed-meanwhile}
   */
  public Fact.ModelReviewed approve(ModelVersion version, @Nullable String evaluation, Act act) {
    return review(
        version,
        Fact.Review.APPROVED,
        evaluation,
        act,
        (view, model) -> {
          ModelPolicy policy = policy(version.name());
          return policy.fourEyes() ? fourEyes(policy, model, act.by()) : List.of();
        });
  }

  /**
   * Rejects a version.
   *
   * @param evaluation as in {@link #approve}
   * @throws WeirException {@code alias-names-it} if one does, and as {@link #approve} does
   */
  public Fact.ModelReviewed reject(ModelVersion version, @Nullable String evaluation, Act act) {
    return review(version, Fact.Review.REJECTED, evaluation, act, (view, model) -> unnamed(model));
  }

  /** A rule that stands against something, and the code of the error. */
  private record Broken(String code, String sentence, String remedy) {}

  @FunctionalInterface
  private interface Rules {
    List<Broken> broken(RegistryView view, RegisteredModel model);
  }

  private Fact.ModelReviewed review(
      ModelVersion version, Fact.Review review, @Nullable String evaluation, Act act, Rules rules) {
    Unchanged unchanged = new Unchanged();
    return commit(
        stateKey(version),
        lineage -> {
          RegistryView view = RegistryView.of(lineage);
          RegisteredModel model = require(view, version);
          unchanged.require(model);
          refuseRetired(model);
          if (model.state() == RegistryView.state(review)) {
            throw already(model);
          }
          requireOwn(model, evaluation);
          return new Fact.ModelReviewed(
              Deeds.after(Instant.now(), view.lastDeed(model)),
              act.by(),
              version.reference(),
              review,
              model.digest(),
              model.evaluation(),
              act.reason(),
              overrode(rules.broken(view, model), act));
        });
  }

  /**
   * Retires a version for good.
   *
   * @throws WeirException {@code alias-names-it} if one does, {@code retired}, {@code
   *     reviewed-meanwhile}
   */
  public Fact.ModelRetired retire(ModelVersion version, Act act) {
    Unchanged unchanged = new Unchanged();
    return commit(
        stateKey(version),
        lineage -> {
          RegistryView view = RegistryView.of(lineage);
          RegisteredModel model = require(view, version);
          unchanged.require(model);
          refuseRetired(model);
          return new Fact.ModelRetired(
              Deeds.after(Instant.now(), view.lastDeed(model)),
              act.by(),
              version.reference(),
              act.reason(),
              overrode(unnamed(model), act));
        });
  }

  private <T extends Fact.Deed> T commit(String key, Deeds.Decision<T> decision) {
    return Deeds.commit(
        events,
        key,
        lineage -> {
          T deed = decision.deed(lineage);
          beforeCommit.run();
          return deed;
        });
  }

  private static String stateKey(ModelVersion version) {
    return "weir/model-state/" + version.name() + "@" + version.number();
  }

  private ModelPolicy policy(ModelName name) {
    return ModelPolicy.of(policies, name.toString());
  }

  private static RegisteredModel require(RegistryView view, ModelVersion version) {
    return view.find(new ModelReference(version.name(), version.number(), null));
  }

  /** Of two who review the same version at once, the second is told of the first. */
  private static final class Unchanged {
    private final AtomicReference<@Nullable Optional<Review>> first = new AtomicReference<>();

    void require(RegisteredModel model) {
      Optional<Review> now = Optional.ofNullable(model.review());
      Optional<Review> before = first.get();
      if (before == null) {
        first.set(now);
      } else if (!before.equals(now) && now.isPresent()) {
        throw WeirException.user(
            "reviewed-meanwhile",
            "%s was %s by %s at the same time: %s"
                .formatted(
                    model.reference(),
                    now.get().decision().word(),
                    now.get().by().text(),
                    sentence(now.get().reason())),
            "Nothing more was kept. Look at it again: ./weir models %s@%d."
                .formatted(model.version().name(), model.version().number()));
      }
    }
  }

  private static String sentence(String text) {
    return text.matches("(?s).*[.!?]") ? text : text + ".";
  }

  private static void refuseRetired(RegisteredModel model) {
    Review review = model.review();
    if (model.state() == ModelState.RETIRED && review != null) {
      throw WeirException.user(
          "retired",
          "%s was retired for good by %s: %s"
              .formatted(model.reference(), review.by().text(), sentence(review.reason())),
          "Register it again by a run, if it is to be used after all.");
    }
  }

  private static WeirException already(RegisteredModel model) {
    Review review = Objects.requireNonNull(model.review());
    return WeirException.user(
        "already-reviewed",
        "%s is %s already, by %s: %s"
            .formatted(
                model.reference(),
                model.state().word(),
                review.by().text(),
                sentence(review.reason())),
        "There is nothing to do.");
  }

  private static void requireOwn(RegisteredModel model, @Nullable String evaluation) {
    if (evaluation == null) {
      return;
    }
    String named = evaluation.startsWith("dataset:") ? evaluation : "dataset:" + evaluation;
    if (!named.equals(model.evaluation())) {
      throw WeirException.user(
          "other-evaluation",
          model.evaluation() == null
              ? "%s is not the evaluation of %s, which was registered on none."
                  .formatted(named, model.reference())
              : "%s is not the evaluation of %s, which was registered on %s."
                  .formatted(named, model.reference(), model.evaluation()),
          "Look at its own evaluation, and name that or none.");
    }
  }

  private static List<Broken> unnamed(RegisteredModel model) {
    return model.aliases().isEmpty()
        ? List.of()
        : List.of(
            new Broken(
                "alias-names-it",
                "%s is named by the alias%s %s."
                    .formatted(
                        model.reference(),
                        model.aliases().size() == 1 ? "" : "es",
                        String.join(", ", model.aliases())),
                "Move that to another version first."));
  }

  private static List<Broken> fourEyes(ModelPolicy policy, RegisteredModel model, Actor by) {
    List<Broken> broken = new ArrayList<>();
    boolean one = model.run().equals(model.trainedIn());
    own(
            policy,
            model,
            by,
            one ? "trained and registered" : "trained",
            model.trainedIn(),
            model.trainedBy())
        .ifPresent(broken::add);
    if (!one) {
      own(policy, model, by, "registered", model.run(), model.registeredBy())
          .ifPresent(broken::add);
    }
    return broken;
  }

  private static Optional<Broken> own(
      ModelPolicy policy,
      RegisteredModel model,
      Actor by,
      String did,
      String run,
      @Nullable String starter) {
    String rule = "The policy for '%s' asks for four eyes".formatted(policy.name());
    String remedy = "Let somebody else approve it.";
    if (starter == null) {
      return Optional.of(
          new Broken(
              "four-eyes",
              "%s, and who started run %s, which %s %s, is not known."
                  .formatted(rule, run, did, model.reference()),
              remedy));
    }
    // Who acts in somebody's name has that one's eyes.
    return starter.equals(by.name()) || starter.equals(by.claimed())
        ? Optional.of(
            new Broken(
                "four-eyes",
                "%s, and %s started run %s, which %s %s."
                    .formatted(rule, starter, run, did, model.reference()),
                remedy))
        : Optional.empty();
  }

  /** The rules that are set aside, in a sentence; throws where they are not. */
  private static @Nullable String overrode(List<Broken> broken, Act act) {
    if (broken.isEmpty()) {
      return null;
    }
    BinaryOperator<String> join = (a, b) -> a + " " + b;
    Function<Function<Broken, String>, String> all =
        part -> broken.stream().map(part).distinct().reduce(join).orElse("");
    if (!act.override()) {
      throw WeirException.user(
          broken.get(0).code(),
          all.apply(Broken::sentence),
          all.apply(Broken::remedy) + " " + OVERRIDE);
    }
    return all.apply(Broken::sentence);
  }

  // --- Aliases

  /**
   * Moves an alias, sets one that there was not, or removes one.
   *
   * @param expected what it is thought to name; null if that does not matter: of two who move it at
   *     once, the later has its way
   * @param to the version that it names from now on, or null to remove it
   * @throws WeirException {@code alias-moved} if it names another than expected, {@code
   *     alias-unchanged}, {@code alias-of-rejected}, {@code alias-of-retired}, {@code
   *     approval-required}
   */
  public Fact.AliasMoved alias(
      ModelName model,
      String alias,
      @Nullable Expected expected,
      @Nullable ModelVersion to,
      Act act) {
    ModelReference.requireAlias(alias);
    if (to != null && !to.name().equals(model)) {
      throw new IllegalArgumentException("%s is no version of %s".formatted(to, model));
    }
    return commit(
        "weir/alias/" + model + "/" + alias,
        lineage -> {
          RegistryView view = RegistryView.of(lineage);
          Aliases aliases = view.aliases(model);
          Optional<Aliases.Period> now = aliases.at(model, alias, null);
          ModelVersion from = now.map(Aliases.Period::version).orElse(null);
          if (expected != null && !Objects.equals(expected.version(), from)) {
            throw moved(model, alias, expected, now);
          }
          String overrode = null;
          Instant last = aliases.lastMove().orElse(null);
          if (to != null) {
            RegisteredModel target = require(view, to);
            if (to.equals(from)) {
              throw WeirException.user(
                  "alias-unchanged",
                  "%s of %s names %s already.".formatted(alias, model, to),
                  "There is nothing to do.");
            }
            overrode = overrode(mayNotBeNamed(target, alias), act);
            last = view.lastDeed(target);
          } else if (from == null) {
            throw WeirException.user(
                "unknown-alias",
                "There is no alias %s of %s.".formatted(alias, model),
                "There is nothing to remove.");
          }
          return new Fact.AliasMoved(
              Deeds.after(Instant.now(), last),
              act.by(),
              model.toString(),
              alias,
              from == null ? null : from.reference(),
              to == null ? null : to.reference(),
              act.reason(),
              overrode);
        });
  }

  private static WeirException moved(
      ModelName model, String alias, Expected expected, Optional<Aliases.Period> now) {
    String thought = expected.version() == null ? "no version" : expected.version().reference();
    return WeirException.user(
        "alias-moved",
        now.isEmpty()
            ? "%s of %s names no version, and was thought to name %s."
                .formatted(alias, model, thought)
            : "%s of %s names %s, and was thought to name %s: %s moved it: %s"
                .formatted(
                    alias,
                    model,
                    now.get().version(),
                    thought,
                    now.get().by().text(),
                    sentence(now.get().reason())),
        "Look again at what it names: ./weir models %s.".formatted(model));
  }

  private List<Broken> mayNotBeNamed(RegisteredModel target, String alias) {
    ModelPolicy policy = policy(target.version().name());
    return switch (target.state()) {
      case REJECTED ->
          List.of(
              new Broken(
                  "alias-of-rejected",
                  "%s is rejected.".formatted(target.reference()),
                  "Name another version, or have it approved."));
      case RETIRED ->
          List.of(
              new Broken(
                  "alias-of-retired",
                  "%s is retired.".formatted(target.reference()),
                  "Name another version."));
      case REGISTERED ->
          policy.demandsApproval(alias)
              ? List.of(
                  new Broken(
                      "approval-required",
                      "The policy for '%s' lets %s name approved versions only, and %s is not approved%s."
                          .formatted(
                              policy.name(),
                              alias,
                              target.reference(),
                              target.approvedAsAnother() ? " as it is now" : ""),
                      "Have it approved: ./weir approve %s@%d."
                          .formatted(target.version().name(), target.version().number())))
              : List.of();
      case APPROVED -> List.of();
    };
  }
}
