package dev.weir.run;

import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.Output.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.weir.alert.Outbox;
import dev.weir.config.AlertFilter;
import dev.weir.config.AlertRoute;
import dev.weir.config.AlertSettings;
import dev.weir.config.SecretText;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.RunState;
import dev.weir.pipeline.Output;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageContext;
import dev.weir.quality.Check;
import dev.weir.quality.Validate;
import dev.weir.session.SparkSettings;
import dev.weir.session.TestSpark;
import dev.weir.store.Home;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that tell people what becomes of them. */
@Timeout(300)
class AlertedRunTest {
  @TempDir Path folder;

  private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  private final HttpServer server;

  AlertedRunTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          received.add(new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes()));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
  }

  @BeforeAll
  static void spark() {
    TestSpark.session();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private AlertSettings settings() {
    return new AlertSettings(
        List.of(
            new AlertRoute.Webhook(
                SecretText.parse("http://127.0.0.1:%d/".formatted(server.getAddress().getPort())),
                Map.of(),
                false,
                AlertFilter.ALL,
                "hook")),
        null,
        Map.of(),
        Duration.ofHours(4),
        Duration.ofSeconds(15),
        Duration.ofSeconds(5),
        10);
  }

  private Runner open(Pipeline pipeline, @Nullable AlertSettings settings) {
    return Runner.open(
        RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare()),
        event -> {},
        Optional.empty(),
        events -> Outbox.of(events, settings, Map.of(), line -> {}));
  }

  private RunResult run(Pipeline pipeline, @Nullable AlertSettings settings)
      throws InterruptedException {
    try (Runner runner = open(pipeline, settings)) {
      return runner.start().await();
    }
  }

  /** Fails for good. */
  record Broken(Output into) implements Stage {
    @Override
    public void run(StageContext context) {
      throw new IllegalStateException("It is broken");
    }
  }

  private static Pipeline gated(int rows) {
    return Pipeline.named("gated")
        .stage("numbers", new TestStages.Numbers(to("t.raw"), rows))
        .stage(
            "validate",
            new Validate(from("t.raw"), to("t.clean"), Check.notNull("id"), Check.rowCount(5)))
        .build();
  }

  private List<Fact> facts(String run) {
    try (Home home = Home.open(folder)) {
      return LineageReader.open(Events.open(home)).facts(run);
    }
  }

  @Test
  void aGateThatHaltsTellsBeforeTheRunIsOverAndSoDoesItsRecovery() throws Exception {
    RunResult halted = run(gated(3), settings());

    assertThat(halted.state()).isEqualTo(RunState.HALTED);
    JsonNode told = received.poll();
    assertThat(told).as("told by the time that the run is over").isNotNull();
    assertThat(told.path("kind").asText()).isEqualTo("gate-halted");
    assertThat(told.path("run").asText()).isEqualTo(halted.run());
    assertThat(told.path("stage").asText()).isEqualTo("validate");
    assertThat(told.path("subject").asText()).isEqualTo("dataset:t.raw@0");
    assertThat(told.path("checks")).hasSize(1);
    assertThat(told.path("checks").get(0).path("observed").asText()).isEqualTo("there are 3 rows");
    assertThat(told.path("checks").get(0).path("expected").asText())
        .isEqualTo("at least 5 are expected");
    assertThat(received).as("the run's end says nothing that its stage has not").isEmpty();

    RunResult passed = run(gated(7), settings());
    assertThat(passed.state()).isEqualTo(RunState.SUCCEEDED);
    try (Home home = Home.open(folder)) {
      // It may not have waited for that.
      Outbox.clear(Events.open(home), settings(), Map.of(), line -> {});
    }
    JsonNode over = received.poll();
    assertThat(over).isNotNull();
    assertThat(over.path("kind").asText()).isEqualTo("recovered");
    assertThat(over.path("resolved").get(0)).isEqualTo(told.path("alert"));

    // One for which nothing is open says nothing, and commits nothing for it.
    RunResult quiet = run(gated(7), settings());
    assertThat(facts(quiet.run())).noneMatch(Fact.Alert.class::isInstance);
  }

  @Test
  void aStageThatFailsTellsOnceItIsNotTriedAgainAndWithoutSettingsNothingIsCommitted()
      throws Exception {
    Pipeline failing = Pipeline.named("failing").stage("numbers", new Broken(to("t.raw"))).build();
    RunResult unheard = run(failing, null);
    assertThat(unheard.state()).isEqualTo(RunState.FAILED);
    assertThat(facts(unheard.run())).noneMatch(Fact.Alert.class::isInstance);
    assertThat(received).isEmpty();

    RunResult failed = run(failing, settings());
    assertThat(failed.state()).isEqualTo(RunState.FAILED);
    JsonNode told = received.poll();
    assertThat(told).isNotNull();
    assertThat(told.path("kind").asText()).isEqualTo("stage-failed");
    assertThat(facts(failed.run()))
        .filteredOn(Fact.Alert.class::isInstance)
        .hasExactlyElementsOfTypes(Fact.AlertRaised.class, Fact.AlertDelivered.class);
    assertThat(received).isEmpty();
  }

  @Test
  void aRunThatCanNotGoOnUnderItsLeaseTells() throws Exception {
    Pipeline pipeline =
        Pipeline.named("abandoned")
            .stage("numbers", new TestStages.Numbers(to("t.raw"), 3))
            .build();
    try (Runner runner =
        Runner.open(
            RunRequest.of(pipeline, folder.toUri(), folder.toUri(), SparkSettings.bare()),
            event -> {
              if (event instanceof RunEvent.Planned) {
                throw new WeirException("no-screen", ErrorKind.INTERNAL, "There is no screen.", "");
              }
            },
            Optional.empty(),
            events -> Outbox.of(events, settings(), Map.of(), line -> {}))) {
      assertThatThrownBy(runner::start)
          .isInstanceOf(WeirException.class)
          .hasMessage("There is no screen.");
    }
    JsonNode told = received.poll();
    assertThat(told).isNotNull();
    assertThat(told.path("kind").asText()).isEqualTo("run-failed");
    assertThat(told.path("message").asText()).isEqualTo("There is no screen.");
  }
}
