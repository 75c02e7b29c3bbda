package dev.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.config.ModelPolicy;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Aliases;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTables;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test has models of its own in one home. */
class RegistryTest {
  private static final Actor ADA = new Actor("ada", "ship", null);
  private static final Actor GRACE = new Actor("grace", "ship", null);

  private static final List<ModelPolicy> STRICT =
      List.of(new ModelPolicy("*", ModelPolicy.Approval.REQUIRED, true, List.of("champion")));

  @TempDir private static Path folder;
  private static Home home;
  private static Events events;

  @BeforeAll
  static void open() {
    home = Home.open(folder);
    events = Events.open(home);
  }

  @AfterAll
  static void close() {
    home.close();
  }

  private static ModelVersion registered(String model, int version, String user) {
    String run = model + "-" + version;
    TestModels.Trained trained =
        TestModels.train(events, model, run, user, version, 0.7 + version / 100.0);
    return TestModels.register(events, model, run + "-register", user, trained);
  }

  private static Registry free() {
    return Registry.of(events, List.of());
  }

  private static Registry strict() {
    return Registry.of(events, STRICT);
  }

  private static Act act(Actor by, String reason) {
    return new Act(by, reason);
  }

  private static RegisteredModel now(ModelVersion version) {
    return free().look().model(version).orElseThrow();
  }

  private static void assertRefused(
      ThrowingCallable call, String code, String found, String remedy) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e).hasMessage(found);
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.remedy()).isEqualTo(remedy);
            });
  }

  @Test
  void aVersionTellsWhatItWasMadeFromAndByWhom() {
    TestModels.Trained trained = TestModels.train(events, "seen.m", "seen-1", "ada", 1, 0.8);
    // Another version of the same features is none of its training data.
    TestModels.train(events, "seen.m", "seen-2", "bob", 2, 0.7);
    ModelVersion version = TestModels.register(events, "seen.m", "seen-3", "bob", trained);
    for (int time = 0; time < 2; time++) {
      RegistryView view = free().look();
      RegisteredModel model = view.find(ModelReference.parse("model:seen.m@1"));
      assertThat(model.version()).isEqualTo(version);
      assertThat(model.reference()).isEqualTo("model:seen.m@1");
      assertThat(model.state()).isEqualTo(ModelState.REGISTERED);
      assertThat(model.candidate()).isEqualTo("candidate:seen.m@seen-1");
      assertThat(model.digest()).isEqualTo("digest-seen-1");
      assertThat(model.contentDigest()).isEqualTo("content-seen-1");
      assertThat(model.type()).endsWith(".LogisticRegressionModel");
      assertThat(model.evaluation()).isEqualTo("dataset:seen.evaluation@1");
      assertThat(model.signature()).isEqualTo("{\"inputs\":[]}");
      assertThat(model.run()).isEqualTo("seen-3");
      assertThat(model.registeredBy()).isEqualTo("bob");
      assertThat(model.trainedIn()).isEqualTo("seen-1");
      assertThat(model.trainedBy()).isEqualTo("ada");
      assertThat(view.metrics(model))
          .containsExactly(entry("auc-roc", 0.8), entry("baseline.auc-roc", 0.5));
      assertThat(view.trainingData(model))
          .containsExactly(
              new TrainingData("dataset:seen.features@1", "id-seen.features", "train"),
              new TrainingData("dataset:seen.raw@1", "id-seen.raw", "features"),
              new TrainingData("dataset:shared.rates@7", "id-shared.rates", "features"));
      assertThat(view.environment(model))
          .containsExactly(entry("spark", "4.1.0"), entry("user", "ada"));
      assertThat(view.reviews(version)).isEmpty();
      // The same from the tables as from the events.
      LineageTables.of(events).update();
    }
  }

  @Test
  void whatIsNotThereIsNamedWithTheNearest() {
    registered("lost.model", 1, "ada");
    assertRefused(
        () -> free().look().find(ModelReference.parse("lost.modle@1")),
        "unknown-model",
        "There is no registered model lost.modle in the home; did you mean 'lost.model'?",
        "There are %s."
            .formatted(
                String.join(
                    ", ",
                    free().look().models().stream()
                        .map(model -> model.version().name().toString())
                        .distinct()
                        .toList())));
    assertRefused(
        () -> free().look().find(ModelReference.parse("lost.model@9")),
        "unknown-model",
        "There is no version 9 of lost.model.",
        "The latest is 1.");
    assertRefused(
        () -> free().look().find(ModelReference.parse("lost.model")),
        "no-version",
        "'lost.model' names no version.",
        "Write lost.model@1, or another of its 1.");
    assertRefused(
        () -> free().look().find(ModelReference.parse("lost.model@champion")),
        "unknown-alias",
        "There is no alias champion of lost.model.",
        "It has none: name a version by its number.");
    assertRefused(
        () -> ModelReference.parse("lost.model@0"),
        "invalid-model",
        "A model's version is 1 or more, not 0.",
        "Such as model:credit.default@1.");
    assertRefused(
        () -> ModelReference.parse("lost.model@Champion"),
        "invalid-model",
        "'Champion' is neither a version of a model, which is a number, nor an alias.",
        "Such as model:credit.default@1.");
  }

  @Test
  void anApprovalHoldsForTheFilesAndTheEvaluationThatWereLookedAt() {
    ModelVersion version = registered("bound.m", 1, "ada");
    assertRefused(
        () -> free().approve(version, "dataset:bound.evaluation@2", act(GRACE, "fine")),
        "other-evaluation",
        "dataset:bound.evaluation@2 is not the evaluation of model:bound.m@1, which was registered on dataset:bound.evaluation@1.",
        "Look at its own evaluation, and name that or none.");
    assertThat(now(version).state()).isEqualTo(ModelState.REGISTERED);

    Fact.ModelReviewed fact =
        free().approve(version, "bound.evaluation@1", act(GRACE, " better than none "));
    assertThat(fact.digest()).isEqualTo("digest-bound.m-1");
    assertThat(fact.evaluation()).isEqualTo("dataset:bound.evaluation@1");
    assertThat(fact.reason()).isEqualTo("better than none");
    assertThat(fact.overrode()).isNull();
    assertThat(now(version).state()).isEqualTo(ModelState.APPROVED);
    assertRefused(
        () -> free().approve(version, null, act(ADA, "fine")),
        "already-reviewed",
        "model:bound.m@1 is approved already, by grace@ship: better than none.",
        "There is nothing to do.");

    // As if it had been approved with other files, or on another evaluation.
    for (List<String> other :
        List.of(
            List.of("digest-other", "dataset:bound.evaluation@1"),
            List.of("digest-bound.m-1", "dataset:bound.evaluation@2"))) {
      events.append(
          List.of(
              new Fact.ModelReviewed(
                  now(version).review().at().plusSeconds(3600),
                  GRACE,
                  version.reference(),
                  Fact.Review.APPROVED,
                  other.get(0),
                  other.get(1),
                  "fine",
                  null)));
      assertThat(now(version).state()).isEqualTo(ModelState.REGISTERED);
      assertThat(now(version).approvedAsAnother()).isTrue();
      assertThatThrownBy(
              () ->
                  strict().alias(version.name(), "champion", null, version, act(ADA, "it is good")))
          .hasMessage(
              "The policy for '*' lets champion name approved versions only, and model:bound.m@1 is not approved as it is now.");
    }
    // By its clock the last review is in the future; what follows it comes after it all the same.
    Fact.ModelReviewed again = free().approve(version, null, act(ADA, "looked again"));
    assertThat(again.at()).isAfter(Instant.now());
    assertThat(now(version).state()).isEqualTo(ModelState.APPROVED);
    assertThat(now(version).approvedAsAnother()).isFalse();
    assertThat(free().look().reviews(version))
        .extracting(Review::reason)
        .containsExactly("better than none", "fine", "fine", "looked again");
  }

  @Test
  void aReasonIsGiven() {
    assertRefused(
        () -> new Act(ADA, "  "),
        "no-reason",
        "The reason is empty.",
        "Say with --reason why: it is kept for good, for whoever asks later.");
  }

  @Test
  void fourEyesAreNotThoseOfWhoTrainedOrRegistered() {
    TestModels.Trained trained = TestModels.train(events, "eyes.m", "eyes-1", "ada", 1, 0.8);
    ModelVersion version = TestModels.register(events, "eyes.m", "eyes-2", "bob", trained);
    String remedy =
        "Let somebody else approve it. --override sets the rule aside, and is kept with it.";
    assertRefused(
        () -> strict().approve(version, null, act(ADA, "mine")),
        "four-eyes",
        "The policy for '*' asks for four eyes, and ada started run eyes-1, which trained model:eyes.m@1.",
        remedy);
    assertRefused(
        () -> strict().approve(version, null, act(new Actor("bob", "ship", null), "mine")),
        "four-eyes",
        "The policy for '*' asks for four eyes, and bob started run eyes-2, which registered model:eyes.m@1.",
        remedy);
    assertRefused(
        () -> strict().approve(version, null, act(new Actor("root", "ship", "ada"), "hers")),
        "four-eyes",
        "The policy for '*' asks for four eyes, and ada started run eyes-1, which trained model:eyes.m@1.",
        remedy);
    assertThat(now(version).review()).isNull();

    assertThat(strict().approve(version, null, new Act(ADA, "nobody else is here", true)))
        .extracting(Fact.ModelReviewed::overrode)
        .isEqualTo(
            "The policy for '*' asks for four eyes, and ada started run eyes-1, which trained model:eyes.m@1.");
    // Whoever made it may say that it is bad.
    strict().reject(version, null, act(ADA, "it was a mistake"));
    // Where no rule stands against it, nothing was set aside.
    assertThat(strict().approve(version, null, new Act(GRACE, "it was none", true)).overrode())
        .isNull();
    // Without the policy nobody asks.
    free().reject(version, null, act(GRACE, "once more"));
    assertThat(free().approve(version, null, act(ADA, "mine")).overrode()).isNull();
    assertThat(now(version).review().by()).isEqualTo(ADA);
  }

  @Test
  void anAliasNamesWhatThePolicyLetsIt() {
    ModelVersion one = registered("named.m", 1, "ada");
    ModelVersion two = registered("named.m", 2, "ada");
    ModelName model = one.name();
    assertRefused(
        () -> strict().alias(model, "champion", null, one, act(GRACE, "first")),
        "approval-required",
        "The policy for '*' lets champion name approved versions only, and model:named.m@1 is not approved.",
        "Have it approved: ./weir approve named.m@1. --override sets the rule aside, and is kept with it.");
    // Approval is demanded for champion alone.
    assertThat(strict().alias(model, "challenger", null, one, act(GRACE, "first")).from()).isNull();
    strict().approve(one, null, act(GRACE, "good"));
    strict().alias(model, "champion", null, one, act(GRACE, "first"));
    assertRefused(
        () -> strict().alias(model, "champion", null, one, act(GRACE, "again")),
        "alias-unchanged",
        "champion of named.m names model:named.m@1 already.",
        "There is nothing to do.");

    free().reject(two, null, act(GRACE, "bad"));
    assertRefused(
        () -> free().alias(model, "champion", null, two, act(GRACE, "second")),
        "alias-of-rejected",
        "model:named.m@2 is rejected.",
        "Name another version, or have it approved. --override sets the rule aside, and is kept with it.");
    assertThat(free().alias(model, "champion", null, two, new Act(GRACE, "second", true)))
        .extracting(Fact.AliasMoved::from, Fact.AliasMoved::to, Fact.AliasMoved::overrode)
        .containsExactly("model:named.m@1", "model:named.m@2", "model:named.m@2 is rejected.");

    assertRefused(
        () -> free().retire(two, act(GRACE, "old")),
        "alias-names-it",
        "model:named.m@2 is named by the alias champion.",
        "Move that to another version first. --override sets the rule aside, and is kept with it.");
    assertThat(free().retire(two, new Act(GRACE, "old", true)).overrode())
        .isEqualTo("model:named.m@2 is named by the alias champion.");
    assertRefused(
        () -> free().approve(two, null, new Act(GRACE, "after all", true)),
        "retired",
        "model:named.m@2 was retired for good by grace@ship: old.",
        "Register it again by a run, if it is to be used after all.");
    free().alias(model, "champion", null, one, act(GRACE, "back"));
    assertRefused(
        () -> free().alias(model, "champion", null, two, act(GRACE, "forth")),
        "alias-of-retired",
        "model:named.m@2 is retired.",
        "Name another version. --override sets the rule aside, and is kept with it.");
    assertRefused(
        () -> free().reject(one, null, act(GRACE, "bad")),
        "alias-names-it",
        "model:named.m@1 is named by the aliases challenger, champion.",
        "Move that to another version first. --override sets the rule aside, and is kept with it.");

    assertThat(free().look().find(ModelReference.parse("named.m@champion")).version())
        .isEqualTo(one);
    assertThat(now(one).aliases()).containsExactly("challenger", "champion");
    assertRefused(
        () -> free().look().find(ModelReference.parse("named.m@chmpion")),
        "unknown-alias",
        "There is no alias chmpion of named.m; did you mean 'champion'?",
        "There are challenger, champion.");

    free().alias(model, "challenger", null, null, act(GRACE, "the trial is over"));
    assertThat(now(one).aliases()).containsExactly("champion");
    assertRefused(
        () -> free().alias(model, "challenger", null, null, act(GRACE, "again")),
        "unknown-alias",
        "There is no alias challenger of named.m.",
        "There is nothing to remove.");
    for (String alias : List.of("", "Champion", "3", "none", "a b")) {
      assertThatThrownBy(() -> free().alias(model, alias, null, one, act(GRACE, "odd")))
          .hasMessage("'%s' can't be an alias.".formatted(alias));
    }
  }

  @Test
  void whatHeldAtATimeIsKnownLater() {
    ModelVersion one = registered("past.m", 1, "ada");
    ModelName model = one.name();
    Instant first = free().alias(model, "live", null, one, act(ADA, "first")).at();
    ModelVersion two = registered("past.m", 2, "ada");
    free().approve(two, null, act(GRACE, "good"));
    Instant second = free().alias(model, "live", null, two, act(ADA, "second")).at();
    Instant third = free().alias(model, "live", null, null, act(ADA, "none")).at();
    free().retire(two, act(ADA, "old"));
    LineageReader lineage = LineageReader.open(events);

    RegistryView then = RegistryView.at(lineage, second);
    assertThat(then.models(model))
        .extracting(RegisteredModel::version, RegisteredModel::state, RegisteredModel::aliases)
        .containsExactly(
            tuple(one, ModelState.REGISTERED, List.of()),
            tuple(two, ModelState.APPROVED, List.of("live")));
    assertThat(RegistryView.at(lineage, second.minusNanos(1000)).models(model).get(0).aliases())
        .containsExactly("live");
    assertThat(RegistryView.at(lineage, first).models(model))
        .extracting(RegisteredModel::version)
        .containsExactly(one);
    assertThat(RegistryView.at(lineage, third).find(ModelReference.parse("past.m@2")).aliases())
        .isEmpty();
    Aliases aliases = Aliases.of(lineage, model);
    assertThat(aliases.at(model, "live", first.minusNanos(1000))).isEmpty();
    assertThat(aliases.at(model, "live", first)).get().returns(one, Aliases.Period::version);
    assertThat(aliases.at(model, "live", third)).isEmpty();
    assertThat(aliases.at(model, "live", null)).isEmpty();
  }

  @Test
  void ofTwoWhoMoveOneAliasFromTheSameVersionOneLoses() throws Exception {
    ModelVersion one = registered("race.m", 1, "ada");
    List<ModelVersion> others =
        List.of(registered("race.m", 2, "ada"), registered("race.m", 3, "ada"));
    ModelName model = one.name();
    for (int round = 0; round < 3; round++) {
      Aliases.Period before = free().look().aliases(model).at(model, "live", null).orElse(null);
      if (before == null || !before.version().equals(one)) {
        free().alias(model, "live", null, one, act(ADA, "back"));
      }
      List<Callable<Fact.AliasMoved>> moves = new ArrayList<>();
      for (ModelVersion to : others) {
        Actor by = new Actor("mover-" + to.number(), "ship", null);
        moves.add(
            () -> {
              try (Home own = Home.open(folder)) {
                return Registry.of(Events.open(own), List.of())
                    .alias(model, "live", new Registry.Expected(one), to, act(by, "it won"));
              }
            });
      }
      List<Object> ends = atOnce(moves);
      assertThat(ends).filteredOn(Fact.AliasMoved.class::isInstance).hasSize(1);
      ModelVersion winner = free().look().find(ModelReference.parse("race.m@live")).version();
      assertThat(ends)
          .filteredOn(WeirException.class::isInstance)
          .singleElement()
          .satisfies(
              e ->
                  assertThat(((WeirException) e).text())
                      .isEqualTo(
                          "live of race.m names %s, and was thought to name model:race.m@1: mover-%d@ship moved it: it won. Look again at what it names: ./weir models race.m."
                              .formatted(winner, winner.number())));
    }
    // Who does not say what it was thought to name moves it from whatever it names by then.
    free().alias(model, "live", null, one, act(ADA, "back"));
    int known = free().look().aliases(model).periods().size();
    List<Callable<Fact.AliasMoved>> moves = new ArrayList<>();
    for (ModelVersion to : others) {
      moves.add(
          () -> {
            try (Home own = Home.open(folder)) {
              return Registry.of(Events.open(own), List.of())
                  .alias(model, "live", null, to, act(ADA, "it won"));
            }
          });
    }
    assertThat(atOnce(moves)).allMatch(Fact.AliasMoved.class::isInstance);
    List<Aliases.Period> periods = free().look().aliases(model).periods();
    assertThat(periods).hasSize(known + 2);
    assertThat(periods.subList(known, known + 2))
        .extracting(Aliases.Period::version)
        .containsExactlyInAnyOrderElementsOf(others);
  }

  private static <T> List<Object> atOnce(List<Callable<T>> calls) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(calls.size());
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Object>> futures = new ArrayList<>();
    for (Callable<T> call : calls) {
      futures.add(
          threads.submit(
              () -> {
                start.await();
                try {
                  return call.call();
                } catch (WeirException e) {
                  return e;
                }
              }));
    }
    start.countDown();
    List<Object> ends = new ArrayList<>();
    for (Future<Object> future : futures) {
      ends.add(future.get());
    }
    threads.shutdown();
    return ends;
  }

  @Test
  void whoReviewsAtTheSameTimeIsToldOfTheOther() {
    ModelVersion version = registered("same.m", 1, "ada");
    AtomicInteger looks = new AtomicInteger();
    Registry slow =
        new Registry(
            events,
            List.of(),
            () -> {
              if (looks.incrementAndGet() == 1) {
                free().approve(version, null, act(GRACE, "good"));
              }
            });
    assertRefused(
        () -> slow.reject(version, null, act(ADA, "bad")),
        "reviewed-meanwhile",
        "model:same.m@1 was approved by grace@ship at the same time: good.",
        "Nothing more was kept. Look at it again: ./weir models same.m@1.");
    assertThat(now(version).state()).isEqualTo(ModelState.APPROVED);
    assertThat(looks).hasValue(1);
  }

  @Test
  void aVersionIsNotRetiredBeneathAnAliasThatIsMovedToItMeanwhile() {
    ModelVersion version = registered("beneath.m", 1, "ada");
    AtomicInteger looks = new AtomicInteger();
    Registry slow =
        new Registry(
            events,
            List.of(),
            () -> {
              if (looks.incrementAndGet() == 1) {
                free().alias(version.name(), "live", null, version, act(GRACE, "good"));
              }
            });
    assertThatThrownBy(() -> slow.retire(version, act(ADA, "old")))
        .hasMessage("model:beneath.m@1 is named by the alias live.");

    // And the other way round.
    free().alias(version.name(), "live", null, null, act(GRACE, "over"));
    Registry late =
        new Registry(
            events,
            List.of(),
            () -> {
              if (looks.incrementAndGet() == 2) {
                free().retire(version, act(ADA, "old"));
              }
            });
    assertThatThrownBy(() -> late.alias(version.name(), "live", null, version, act(GRACE, "good")))
        .hasMessage("model:beneath.m@1 is retired.");
    assertThat(now(version).aliases()).isEmpty();
  }

  @Test
  void conditionsChoose() {
    ModelVersion version = registered("asked.m", 4, "ada");
    free().approve(version, null, act(GRACE, "good"));
    free().alias(version.name(), "live", null, version, act(GRACE, "good"));
    RegistryView view = free().look();
    RegisteredModel model = view.model(version).orElseThrow();
    var metrics = view.metrics(model);
    for (String met :
        List.of(
            "auc-roc > 0.735 and state = approved",
            "auc-roc>=0.74 AND auc-roc<=0.74 and auc-roc = 0.74",
            "baseline.auc-roc < 0.6",
            "name = asked.m and number = 1 and number != 2",
            "alias = live and alias != champion",
            "type = LogisticRegressionModel and type != 'RandomForestClassificationModel'",
            "registered_by == \"ada\" and run <> x",
            "registered_at > 2026-01-31 and registered_at < '2999-01-31 10:00'",
            "state != Retired")) {
      assertThat(matches(met, model, metrics)).as(met).isTrue();
    }
    for (String unmet :
        List.of(
            "auc-roc > 0.75 and state = approved",
            "auc-roc > 0.7 and state = registered",
            "number > 1",
            "alias != live",
            "type = LogisticRegression",
            "registered_by != ada",
            "registered_at < 2026-01-31T00:00:00+02:00")) {
      assertThat(matches(unmet, model, metrics)).as(unmet).isFalse();
    }
    // What was not measured meets nothing, not even that it is another.
    assertThat(ModelQuery.parse("rmse != 1").matches(model, metrics)).isFalse();
  }

  private static boolean matches(
      String conditions, RegisteredModel model, java.util.Map<String, Double> metrics) {
    ModelQuery query = ModelQuery.parse(conditions);
    query.require(metrics.keySet());
    return query.matches(model, metrics);
  }

  @Test
  void aConditionThatIsNoneIsExplained() {
    String remedy = "Write conditions such as 'auc-roc > 0.75 and state = approved'.";
    for (List<String> wrong :
        List.of(
            List.of("", "In '' a field or a metric is missing at the end."),
            List.of("> 3", "In '> 3' a field or a metric is missing before '>'."),
            List.of(
                "auc-roc 3",
                "In 'auc-roc 3' one of =, !=, <, <=, > and >= is missing after 'auc-roc'."),
            List.of("auc-roc >", "In 'auc-roc >' a value is missing after '>'."),
            List.of(
                "number = 1 or number = 2",
                "In 'number = 1 or number = 2' 'or' stands where only 'and' can."),
            List.of("name = 'x", "In 'name = 'x' ''x' can't be read."),
            List.of(
                "number = one",
                "In 'number = one' number is compared to a number, and 'one' is none."),
            List.of(
                "registered_at > may",
                "In 'registered_at > may' registered_at is compared to a time such as 2026-01-31 or 2026-01-31T17:45:00Z, and 'may' is none."),
            List.of(
                "state = aproved",
                "In 'state = aproved' there is no state 'aproved', nearest is 'approved'; there are registered, approved, rejected, retired."),
            List.of("name > a", "In 'name > a' name is compared by = or !=, not by >."))) {
      assertRefused(
          () -> ModelQuery.parse(wrong.get(0)), "invalid-condition", wrong.get(1), remedy);
    }
    assertRefused(
        () -> ModelQuery.parse("auc_roc > 0.7").require(List.of("auc-roc")),
        "unknown-field",
        "There is no field or metric 'auc_roc'; did you mean 'auc-roc'?",
        "There are name, number, state, alias, type, run, registered_by, registered_at, auc-roc.");
    assertRefused(
        () -> ModelQuery.parse("auc-roc > good").require(List.of("auc-roc")),
        "invalid-condition",
        "In 'auc-roc > good' the metric auc-roc is compared to a number, and 'good' is none.",
        remedy);
  }
}
