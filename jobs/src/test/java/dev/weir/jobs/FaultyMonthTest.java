package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.weir.cli.Main;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.store.Home;
import dev.weir.store.Row;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The credit pipeline with alerts: a good delivery, then one with a month of income in thousands.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FaultyMonthTest {
  @TempDir static Path folder;

  private static final BlockingQueue<JsonNode> RECEIVED = new LinkedBlockingQueue<>();
  private static HttpServer server;
  private static int good;
  private static int faulty;

  @BeforeAll
  static void deliver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          RECEIVED.add(new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes()));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    Files.createDirectories(folder.resolve("conf/pipelines/credit"));
    Files.writeString(
        folder.resolve("conf/weir.yaml"),
        "alerts: { routes: [ { webhook: \"http://127.0.0.1:%d/\", name: hook } ] }%n"
            .formatted(server.getAddress().getPort()));
    for (String file : List.of("credit.yaml", "credit/features.sql")) {
      Files.copy(
          Runs.ROOT.resolve("conf/pipelines").resolve(file),
          folder.resolve("conf/pipelines").resolve(file));
    }
    Files.writeString(
        folder.resolve("conf/pipelines/watch.yaml"),
        """
        pipeline: watch
        stages:
          - uses: validate
            with:
              from: credit.wellformed
              into: watch.clean
              checks: []
              drift: [ { against: model:credit.default, columns: [ age, debt ] } ]
        """);
    Runs.spark();
    good = weir("run", "credit", "--param=months=16", "--param=rows=60");
    faulty =
        weir(
            "run", "credit", "--param=months=16", "--param=rows=60", "--param=fault-month=2024-02");
  }

  @AfterAll
  static void close() {
    server.stop(0);
  }

  private static int weir(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--directory=" + folder);
    all.add("--home=" + folder.resolve("home"));
    return Main.execute(all.toArray(String[]::new));
  }

  private static List<Row> rows(LineageTable table) {
    try (Home home = Home.open(folder.resolve("home"))) {
      return LineageReader.open(Events.open(home)).rows(table, List.of());
    }
  }

  /** The launcher makes its class archives of this run, which has to succeed for that. */
  @Test
  void theLauncherRehearsesTheGoodRun() throws IOException {
    assertThat(good).isZero();
    assertThat(Files.readString(Runs.ROOT.resolve("weir")).split("Rehearsal credit ", -1))
        .hasSize(3)
        .filteredOn(rest -> !rest.startsWith("#!"))
        .allMatch(rest -> rest.startsWith("--param months=16 --param rows=60)"));
  }

  @Test
  void itHaltsWithColumnValueAndWhatWasExpectedByHistory() {
    assertThat(good).isZero();
    assertThat(faulty).isEqualTo(3);
    assertThat(rows(LineageTable.CHECKS))
        .filteredOn(
            row ->
                row.string("name").startsWith("relative-change mean of applied_on=")
                    && !Boolean.TRUE.equals(row.get("passed")))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.string("name"))
                  .isEqualTo("relative-change mean of applied_on=2024-02");
              assertThat(row.string("column_name")).isEqualTo("income");
              assertThat((Double) row.get("value")).isBetween(10.0, 100.0);
              assertThat((Double) row.get("expected_low")).isBetween(5_000.0, 50_000.0);
              assertThat((Double) row.get("expected_high")).isBetween(20_000.0, 120_000.0);
              assertThat(row.string("learned_from")).isEqualTo("[\"dataset:credit.wellformed@0\"]");
            });
  }

  @Test
  void nothingIsTrainedOrPublishedAndSomebodyIsTold() {
    assertThat(rows(LineageTable.MODELS))
        .extracting(row -> row.string("kind"))
        .containsExactlyInAnyOrder("candidate", "registered");
    assertThat(rows(LineageTable.DATASETS))
        .filteredOn(row -> row.string("name").equals("credit.clean"))
        .extracting(row -> row.number("version"))
        .containsExactly(0L);
    assertThat(rows(LineageTable.STAGES))
        .filteredOn(row -> row.string("state").equals("SKIPPED"))
        .extracting(row -> row.string("stage"))
        .contains("features", "train", "register");
    assertThat(Runs.dataset(folder.resolve("home"), "credit.clean").filter("income < 1000").count())
        .isZero();

    JsonNode alert = RECEIVED.poll();
    assertThat(alert).as("told before the process ends").isNotNull();
    assertThat(alert.path("kind").asText()).isEqualTo("gate-halted");
    assertThat(alert.path("subject").asText()).isEqualTo("dataset:credit.wellformed@1");
    assertThat(StreamSupport.stream(alert.path("checks").spliterator(), false))
        .filteredOn(check -> check.path("name").asText().startsWith("relative-change"))
        .singleElement()
        .satisfies(
            check -> {
              assertThat(check.path("column").asText()).isEqualTo("income");
              assertThat(check.path("observed").asText()).matches("\\d\\d\\.\\d+");
              assertThat(check.path("expected").asText())
                  .matches(
                      "from [\\d,.]+ to [\\d,.]+ is expected, learned from dataset:credit.wellformed@0");
            });
    assertThat(RECEIVED).isEmpty();
  }

  @Test
  void whatAModelCameFromIsAReference() {
    assertThat(weir("run", "watch")).isZero();
    assertThat(rows(LineageTable.CHECKS))
        .filteredOn(row -> row.string("name").equals("drift"))
        .hasSize(2)
        .allSatisfy(
            row -> {
              assertThat(row.get("passed")).isEqualTo(true);
              assertThat(row.string("subject")).isEqualTo("dataset:credit.wellformed@1");
              assertThat(row.string("expected"))
                  .isEqualTo(
                      "as in dataset:credit.wellformed@0, which model:credit.default@1 came from");
              assertThat(Objects.requireNonNull((Double) row.get("value"))).isLessThan(0.1);
            });
  }
}
