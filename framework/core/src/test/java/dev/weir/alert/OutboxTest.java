package dev.weir.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.weir.config.AlertFilter;
import dev.weir.config.AlertKind;
import dev.weir.config.AlertRoute;
import dev.weir.config.AlertSettings;
import dev.weir.config.AlertSeverity;
import dev.weir.config.MailServer;
import dev.weir.config.SecretText;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Alerts from the fact to those who are told, through a home's events and real servers. */
@Timeout(120)
class OutboxTest {
  private static final Instant BEGAN = Instant.parse("2026-01-02T11:00:00Z");
  private static final Actor ADA = new Actor("ada", "ship", null);
  private static final Fact.Check CHECK =
      new Fact.Check(
          "not-null",
          "dataset:credit.raw@1",
          "income",
          false,
          60,
          14L,
          "14 of 60 rows (23.33 %) are null",
          "at most 0 % may be");

  private final Home home;
  private final Events events;
  private final HookServer server = new HookServer();
  private final List<String> said = new ArrayList<>();

  OutboxTest(@TempDir Path folder) {
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    server.close();
    home.close();
  }

  private AlertRoute.Webhook route(String path) {
    return new AlertRoute.Webhook(
        SecretText.parse(server.url("/${NAME}" + path)),
        Map.of("Authorization", SecretText.parse("Bearer ${NAME}")),
        false,
        AlertFilter.ALL,
        "hook " + path);
  }

  private static AlertSettings settings(Duration repeat, int attempts, AlertRoute... routes) {
    return new AlertSettings(
        List.of(routes),
        null,
        Map.of("credit", "the risk team"),
        repeat,
        Duration.ofSeconds(15),
        Duration.ofSeconds(10),
        attempts);
  }

  private AlertSettings impatient(Duration patience, Duration timeout) {
    return new AlertSettings(
        List.of(route("/a")), null, Map.of(), Duration.ZERO, patience, timeout, 10);
  }

  private AlertSettings settings() {
    return settings(Duration.ofHours(4), 10, route("/a"));
  }

  private Alerting outbox(AlertSettings settings) {
    return Outbox.of(events, settings, Map.of("NAME", "secret"), said::add);
  }

  private void clear(AlertSettings settings) {
    Outbox.clear(events, settings, Map.of("NAME", "secret"), said::add);
  }

  private static Fact.StageFinished halted(String run, Fact.Check... checks) {
    return end(run, StageState.HALTED, "checks-failed", checks);
  }

  private static Fact.StageFinished end(
      String run, StageState state, String code, Fact.Check... checks) {
    return new Fact.StageFinished(
        BEGAN,
        BEGAN,
        "credit",
        run,
        "validate",
        1,
        "dev.weir.Validate",
        state,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Arrays.asList(checks),
        new Fact.Failure(
            code, state == StageState.HALTED ? "1 of 5 checks failed:\n  more of it" : code, "E"),
        null,
        null);
  }

  /** What a run does about an alert. */
  private void raise(AlertSettings settings, Occasion occasion, boolean well) {
    Alerting outbox = outbox(settings);
    outbox.deliver();
    tell(outbox.facts(occasion));
    outbox.deliver();
    outbox.await(well);
  }

  private void tell(List<Fact> facts) {
    if (!facts.isEmpty()) {
      events.tell(facts.stream().map(Fact.Alert.class::cast).toList());
    }
  }

  private void succeed(AlertSettings settings, String run, String... published) {
    raise(settings, success(run, published), false);
  }

  private static Occasion.Success success(String run, String... published) {
    return new Occasion.Success(
        new Fact.RunFinished(Instant.now(), BEGAN, "credit", run, RunState.SUCCEEDED, null),
        Set.of(published),
        Set.of("ingest", "validate"));
  }

  private List<Alert> alerts() {
    return AlertBook.of(LineageReader.open(events)).all();
  }

  private Alert alert() {
    assertThat(alerts()).hasSize(1);
    return alerts().get(0);
  }

  private List<JsonNode> received(String path) throws Exception {
    List<JsonNode> received = new ArrayList<>();
    for (String body : server.bodies("/secret" + path)) {
      received.add(new ObjectMapper().readTree(body));
    }
    return received;
  }

  private static Alert.@Nullable Outcome outcome(Alert alert, String route) {
    Alert.Delivery delivery = alert.deliveries().get(route);
    return delivery == null ? null : delivery.outcome();
  }

  // --- What is told

  @Test
  void itSaysWhatWhereSinceWhenHowFarOffWhoseAndWhereToLook() throws Exception {
    raise(settings(), Occasion.Trouble.of(halted("r1", CHECK)), false);

    JsonNode json = received("/a").get(0);
    assertThat(json.path("kind").asText()).isEqualTo("gate-halted");
    assertThat(json.path("severity").asText()).isEqualTo("error");
    assertThat(json.path("title").asText()).isEqualTo("credit: the gate validate halted the run");
    assertThat(json.path("pipeline").asText()).isEqualTo("credit");
    assertThat(json.path("run").asText()).isEqualTo("r1");
    assertThat(json.path("stage").asText()).isEqualTo("validate");
    assertThat(json.path("subject").asText()).isEqualTo("dataset:credit.raw@1");
    assertThat(json.path("since").asText()).isEqualTo("2026-01-02T11:00:00Z");
    assertThat(json.path("owner").asText()).isEqualTo("the risk team");
    assertThat(json.path("checks").get(0).path("column").asText()).isEqualTo("income");
    assertThat(json.path("checks").get(0).path("observed").asText())
        .isEqualTo("14 of 60 rows (23.33 %) are null");
    assertThat(json.path("checks").get(0).path("expected").asText())
        .isEqualTo("at most 0 % may be");
    assertThat(json.path("look").toString())
        .isEqualTo(
            "[\"./weir show r1\",\"./weir quality credit.raw@1\",\"./weir logs r1 validate\"]");
    assertThat(json.path("home").asText()).isEqualTo(home.path());
    assertThat(server.requests().get(0).headers())
        .containsEntry("Authorization", "Bearer secret")
        .containsEntry("Idempotency-key", alert().id() + "-1");
    assertThat(said).isEmpty();

    String id = alert().id();
    assertThat(new AlertText(alert().first(), "file:/h").body())
        .isEqualTo(
            """
            1 of 5 checks failed:
            check     not-null income
            value     14 of 60 rows (23.33 %%) are null
            expected  at most 0 %% may be
            where     stage validate of run r1, dataset:credit.raw@1 in file:/h
            since     2026-01-02 11:00:00 UTC
            owner     the risk team
            look      ./weir show r1
                      ./weir quality credit.raw@1
                      ./weir logs r1 validate
            silence   ./weir alerts ack %s --reason …
            """
                .formatted(id));
  }

  @Test
  void theOwnersOfTheChecksThatHaltedAreNamedAndWarningsLeftOut() throws Exception {
    raise(
        settings(),
        Occasion.Trouble.of(
            halted("r1", owned("age", "error", "Ada"), CHECK, owned("debt", "warn", "Bob"))),
        false);

    JsonNode json = received("/a").get(0);
    assertThat(json.path("owner").asText()).isEqualTo("Ada, the risk team");
    assertThat(json.path("checks").findValuesAsText("column")).containsExactly("age", "income");
  }

  private static Fact.Check owned(String column, String severity, String owner) {
    return new Fact.Check(
        CHECK.name(),
        CHECK.subject(),
        column,
        false,
        60,
        1L,
        "1 of 60",
        "none",
        severity,
        owner,
        null);
  }

  @Test
  void eachRouteGetsItsOwn() throws Exception {
    GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp").dynamicPort());
    mail.start();
    try {
      AlertFilter halts =
          new AlertFilter(List.of("cred*"), AlertSeverity.ERROR, Set.of(AlertKind.GATE_HALTED));
      AlertFilter others = new AlertFilter(List.of("bank"), AlertSeverity.INFO, Set.of());
      AlertSettings settings =
          new AlertSettings(
              List.of(
                  new AlertRoute.Slack(
                      SecretText.parse(server.url("/slack")), false, AlertFilter.ALL, null),
                  new AlertRoute.Email(List.of("ada@example.com"), halts, null),
                  new AlertRoute.Slack(
                      SecretText.parse(server.url("/bank")), false, others, "bank")),
              new MailServer(
                  "127.0.0.1",
                  mail.getSmtp().getPort(),
                  "weir@example.com",
                  null,
                  null,
                  MailServer.Encryption.NONE),
              Map.of(),
              Duration.ofHours(4),
              Duration.ofSeconds(15),
              Duration.ofSeconds(5),
              10);

      raise(settings, Occasion.Trouble.of(halted("r1", CHECK)), false);
      raise(settings, Occasion.Trouble.of(end("r2", StageState.FAILED, "a<b>&```c")), false);

      assertThat(server.bodies("/bank")).isEmpty();
      List<String> slack = server.bodies("/slack");
      assertThat(slack).hasSize(2);
      assertThat(new ObjectMapper().readTree(slack.get(0)).path("text").asText())
          .startsWith("*credit: the gate validate halted the run*\n```\n1 of 5 checks failed:\n")
          .contains("expected  at most 0 % may be\n")
          .endsWith("```");
      assertThat(slack.get(1)).contains("a&lt;b&gt;&amp;'''c\\n");
      assertThat(mail.waitForIncomingEmail(5000, 1)).isTrue();
      assertThat(mail.getReceivedMessages()).hasSize(1);
      assertThat(mail.getReceivedMessages()[0].getSubject())
          .isEqualTo("[weir] credit: the gate validate halted the run");
      assertThat(mail.getReceivedMessages()[0].getContent().toString())
          .contains("value     14 of 60 rows (23.33 %) are null");
      assertThat(alerts().get(0).deliveries().keySet())
          .containsExactlyInAnyOrder(
              "slack " + "127.0.0.1:" + server.port(), "email ada@example.com");
    } finally {
      mail.stop();
    }
  }

  // --- The same again

  @Test
  void theSameTroubleIsCountedAndNotToldAgain() throws Exception {
    raise(settings(), Occasion.Trouble.of(halted("r1", CHECK)), false);
    raise(settings(), Occasion.Trouble.of(halted("r2", CHECK)), false);
    LineageTables.of(events).update();
    raise(settings(), Occasion.Trouble.of(halted("r3", CHECK)), false);

    assertThat(received("/a")).hasSize(1);
    Alert alert = alert();
    assertThat(alert.last().times()).isEqualTo(3);
    assertThat(alert.last().run()).isEqualTo("r3");
    assertThat(alert.last().since()).isEqualTo(BEGAN);
    assertThat(outcome(alert, "hook /a")).isEqualTo(Alert.Outcome.DELIVERED);

    // Another column is news, and so is the same once the time is over.
    Fact.Check other =
        new Fact.Check("not-null", "dataset:credit.raw@2", "age", false, 60, 1L, "1 of 60", "none");
    raise(settings(), Occasion.Trouble.of(halted("r4", other)), false);
    assertThat(received("/a")).hasSize(2);
    AlertSettings soon = settings(Duration.ZERO, 10, route("/a"));
    raise(soon, Occasion.Trouble.of(halted("r5", CHECK)), false);
    assertThat(received("/a")).hasSize(3);
    assertThat(received("/a").get(2).path("times").asInt()).isEqualTo(4);
  }

  @Test
  void whatSomebodyKnowsOfOrHasSnoozedIsNotTold() throws Exception {
    AlertSettings settings = settings(Duration.ZERO, 10, route("/a"));
    raise(settings, Occasion.Trouble.of(halted("r1", CHECK)), false);
    String id = alert().id();
    AlertDeeds.snooze(events, id.substring(0, 5), Duration.ofHours(2), ADA, "");
    raise(settings, Occasion.Trouble.of(halted("r2", CHECK)), false);
    assertThat(received("/a")).hasSize(1);
    assertThat(alert().state(Instant.now())).isEqualTo(Alert.State.SNOOZED);
    assertThat(alert().state(Instant.now().plus(Duration.ofHours(3)))).isEqualTo(Alert.State.OPEN);

    AlertDeeds.acknowledge(events, id, ADA, "on it");
    raise(settings, Occasion.Trouble.of(halted("r3", CHECK)), false);
    assertThat(received("/a")).hasSize(1);
    assertThat(alert().state(Instant.now())).isEqualTo(Alert.State.ACKNOWLEDGED);
    assertThat(alert().acknowledgedBy()).isEqualTo("ada");

    AlertDeeds.snooze(events, "credit", Duration.ofHours(2), ADA, "night");
    raise(settings, Occasion.Trouble.of(end("r4", StageState.FAILED, "new")), false);
    assertThat(received("/a")).hasSize(1);
    assertThat(alerts()).hasSize(2);

    succeed(settings, "r5", "ingest", "validate");
    assertThat(received("/a")).as("the end goes to whom the trouble was told").hasSize(2);
    assertThatThrownBy(() -> AlertDeeds.acknowledge(events, id, ADA, "late"))
        .isInstanceOf(WeirException.class)
        .hasMessage("Alert %s of the pipeline credit is over.".formatted(id));
    assertThatThrownBy(() -> AlertDeeds.acknowledge(events, "zz", ADA, "what"))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("There is no alert 'zz'");
    assertThatThrownBy(() -> AlertDeeds.snooze(events, id, Duration.ZERO, ADA, ""))
        .isInstanceOf(WeirException.class)
        .hasMessage("Alerts are snoozed for a while, not for 0 s.");
  }

  // --- Its end

  @Test
  void thatItIsOverIsToldOnce() throws Exception {
    succeed(settings(), "r0", "ingest", "validate");
    assertThat(alerts()).as("nothing to recover from").isEmpty();
    raise(settings(), Occasion.Trouble.of(halted("r1", CHECK)), false);
    succeed(settings(), "r2", "ingest");
    assertThat(received("/a")).as("the stage was not part of it").hasSize(1);

    succeed(settings(), "r3", "ingest", "validate");
    succeed(settings(), "r4", "ingest", "validate");

    List<JsonNode> received = received("/a");
    assertThat(received).hasSize(2);
    String id = received.get(0).path("alert").asText();
    assertThat(received.get(1).path("kind").asText()).isEqualTo("recovered");
    assertThat(received.get(1).path("severity").asText()).isEqualTo("info");
    assertThat(received.get(1).path("message").asText())
        .isEqualTo(
            "Run r3 succeeded. Over is: the gate validate halted the run (alert %s)."
                .formatted(id));
    assertThat(received.get(1).path("resolved").toString()).isEqualTo("[\"" + id + "\"]");
    assertThat(alerts()).allMatch(alert -> alert.state(Instant.now()) == Alert.State.RESOLVED);

    // And comes again: it is a new alert, told at once.
    raise(settings(), Occasion.Trouble.of(halted("r5", CHECK)), false);
    assertThat(received("/a")).hasSize(3);
    assertThat(received("/a").get(2).path("alert").asText()).isNotEqualTo(id);
  }

  // --- When it can't be delivered

  @Test
  void whatCouldNotBeDeliveredIsTriedByTheNextCommandAndGivenUpAtLast() throws Exception {
    server.answering("/secret/a", 404);
    AlertSettings settings = settings(Duration.ofHours(4), 3, route("/a"), route("/b"));
    raise(settings, Occasion.Trouble.of(halted("r1", CHECK)), false);
    assertThat(said)
        .containsExactly(
            "An alert was not delivered by hook /a: it answered 404: no way; the next command tries again. See ./weir alerts.");
    assertThat(received("/b")).as("one route does not hold up the other").hasSize(1);
    assertThat(outcome(alert(), "hook /a")).isEqualTo(Alert.Outcome.PENDING);
    assertThat(alert().undelivered()).containsExactly("hook /a: it answered 404: no way");

    said.clear();
    clear(settings);
    clear(settings);
    clear(settings);
    assertThat(received("/a")).hasSize(3);
    assertThat(said.get(1)).contains("it answered 404: no way; it is given up.");
    assertThat(said).hasSize(2);
    assertThat(outcome(alert(), "hook /a")).isEqualTo(Alert.Outcome.GIVEN_UP);
    assertThat(received("/b")).hasSize(1);
  }

  @Test
  void aRunTriesAServerThatFailsAgainByItself() throws Exception {
    server.answering("/secret/a", 500);
    Thread mended =
        new Thread(
            () -> {
              try {
                server.awaitRequests(2);
                server.answering("/secret/a", 200);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    mended.start();

    raise(settings(), Occasion.Trouble.of(halted("r1", CHECK)), false);
    mended.join();

    assertThat(received("/a")).hasSize(3);
    assertThat(said).isEmpty();
    assertThat(outcome(alert(), "hook /a")).isEqualTo(Alert.Outcome.DELIVERED);
  }

  @Test
  void aRunThatSucceededWaitsNoLongerThanItShould() {
    raise(settings(), Occasion.Trouble.of(halted("r1", CHECK)), false);
    server.answering("/secret/a", 0);
    Alerting outbox = outbox(impatient(Duration.ofSeconds(15), Duration.ofMillis(300)));
    tell(outbox.facts(success("r2", "ingest", "validate")));
    outbox.deliver();
    long began = System.nanoTime();
    outbox.await(true);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Duration.ofMillis(95), Duration.ofSeconds(8));
    assertThat(said).isEmpty();

    server.answering("/secret/a", 200);
    outbox.await(false);
    assertThat(outcome(alerts().get(1), "hook /a")).isEqualTo(Alert.Outcome.DELIVERED);
  }

  @Test
  void aRunThatFailedWaitsForAsLongAsItIsToldTo() {
    server.answering("/secret/a", 0);
    Alerting outbox = outbox(impatient(Duration.ofMillis(700), Duration.ofSeconds(1)));
    tell(outbox.facts(Occasion.Trouble.of(halted("r1", CHECK))));
    outbox.deliver();
    long began = System.nanoTime();
    outbox.await(false);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Duration.ofMillis(695), Duration.ofSeconds(8));
    assertThat(said)
        .containsExactly(
            "Alerts are still on their way after 700 ms; the next command delivers what is left.");

    server.answering("/secret/a", 200);
    while (outcome(alert(), "hook /a") != Alert.Outcome.DELIVERED) {
      outbox.await(false);
    }
  }

  @Test
  void aRouteThatIsNoLongerThereIsGivenUp() {
    server.answering("/secret/a", 404);
    raise(settings(), Occasion.Trouble.of(halted("r1", CHECK)), false);
    clear(settings(Duration.ofHours(4), 10, route("/b")));
    assertThat(outcome(alert(), "hook /a")).isEqualTo(Alert.Outcome.GIVEN_UP);
    assertThat(alert().undelivered())
        .containsExactly("hook /a: no route is called so any more in conf/weir.yaml");
  }

  @Test
  void aSecretThatIsNotSetIsSaid() {
    Alerting outbox = Outbox.of(events, settings(), Map.of(), said::add);
    tell(outbox.facts(Occasion.Trouble.of(halted("r1", CHECK))));
    outbox.deliver();
    outbox.await(false);
    assertThat(said.get(0))
        .startsWith(
            "An alert was not delivered by hook /a: The environment variable NAME, which conf/weir.yaml names under alerts, is not set. Set it where Weir runs; the next command tries again.");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void withoutSettingsNothingIsSaidInTheHome() {
    long before = events.table().latestVersion();
    Alerting logging = Outbox.of(events, null, Map.of(), said::add);
    assertThat(logging.facts(Occasion.Trouble.of(halted("r1", CHECK)))).isEmpty();
    assertThat(logging.facts(success("r2"))).isEmpty();
    logging.deliver();
    logging.await(false);
    assertThat(events.table().latestVersion()).isEqualTo(before);
    assertThat(said).isEmpty();
  }
}
