package dev.weir.cli;

import static dev.weir.cli.CommandProcesses.out;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.weir.lineage.RunState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What commands and their processes do about alerts. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AlertsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  private volatile boolean answering = true;
  private HttpServer server;
  private TestProject project;
  private CommandProcesses processes;

  @BeforeEach
  void project() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          received.add(JSON.readTree(exchange.getRequestBody().readAllBytes()));
          if (answering) {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
          }
        });
    server.start();
    project =
        new TestProject(folder)
            .file(
                "conf/weir.yaml",
                """
                alerts:
                  routes: [ { webhook: "http://127.0.0.1:%d/hook", name: hook } ]
                  owners: { failing: Ada }
                  timeout: 20s
                """
                    .formatted(server.getAddress().getPort()))
            .pipeline(
                "failing",
                """
                pipeline: failing
                params: { file: there }
                stages:
                  - name: ready
                    uses: dev.weir.cli.TestStages.Nothing
                  - name: work
                    uses: dev.weir.cli.TestStages.FailsWithout
                    after: ready
                    with: { file: "${file}" }
                """)
            .pipeline(
                "sleepy",
                """
                pipeline: sleepy
                params: { file: go }
                stages:
                  - name: sleep
                    uses: dev.weir.cli.TestStages.AwaitsFile
                    with: { file: "${file}" }
                """);
    processes = new CommandProcesses(folder);
  }

  @AfterEach
  void close() {
    processes.close();
    server.stop(0);
  }

  private Process start(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--home=" + project.home());
    return processes.start("stderr", List.of(), Main.class, all.toArray(String[]::new));
  }

  private JsonNode next() throws InterruptedException {
    JsonNode next = received.poll(60, TimeUnit.SECONDS);
    assertThat(next).as("an alert").isNotNull();
    return next;
  }

  private static List<JsonNode> json(TestProject.Said said) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : said.lines()) {
      nodes.add(JSON.readTree(line));
    }
    return nodes;
  }

  @Test
  void aRunThatFailsTellsAndOneThatSucceedsTellsThatItIsOver() throws Exception {
    String absent = "file=" + folder.resolve("there");
    TestProject.Said failed = project.weir("run", "failing", "--param", absent);

    assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
    assertThat(failed.err()).doesNotContain("alert");
    JsonNode told = received.poll();
    assertThat(told).as("told before the command ended").isNotNull();
    assertThat(told.path("kind").asText()).isEqualTo("stage-failed");
    assertThat(told.path("stage").asText()).isEqualTo("work");
    assertThat(told.path("owner").asText()).isEqualTo("Ada");
    assertThat(told.path("message").asText()).contains("IllegalStateException: There is no");
    String id = told.path("alert").asText();
    assertThat(told.path("look").get(0).asText())
        .isEqualTo("./weir show " + told.path("run").asText());
    assertThat(project.weir("show", told.path("run").asText()).out()).contains("There is no ");

    assertThat(project.weir("run", "failing", "--param", absent).code()).isEqualTo(1);
    assertThat(received).as("the same again").isEmpty();
    assertThat(project.weir("alerts").out())
        .containsPattern(id + "\\s+open\\s+\\S+ \\S+\\s+2\\s+failing\\s+stage-failed work\\s+hook");

    assertThat(project.weir("alerts", "ack", id).err())
        .isEqualToIgnoringNewLines(
            "weir: No reason is given. Say with --reason why: it is kept for good, for whoever asks later.");
    assertThat(project.weir("alerts", "ack", id.substring(0, 6), "--reason", "on it").out())
        .isEqualToIgnoringNewLines("Alert %s is told no more until it is over.".formatted(id));
    assertThat(project.weir("alerts", "snooze", "failing", "--for", "2h").out())
        .matches("Nothing of the pipeline failing is told until .* UTC\\.\\R");
    assertThat(project.weir("alerts", "snooze", "failing", "--for", "soon").err())
        .startsWith("weir: 'soon' after --for is no duration: a duration is written 500ms");
    assertThat(project.weir("audit", "log").out())
        .containsPattern("alert-acknowledged  %s by .*: on it".formatted(id))
        .containsPattern("alert-snoozed\\s+failing until ");
    assertThat(project.weir("audit", "verify").code()).isZero();
    assertThat(project.weir("alerts").out()).contains("known to ");

    Files.writeString(folder.resolve("there"), "");
    assertThat(project.weir("run", "failing", "--param", absent).code()).isZero();
    if (received.isEmpty()) {
      // It did not wait for that: the next command delivers it.
      assertThat(project.weir("runs").code()).isZero();
    }
    JsonNode over = next();
    assertThat(over.path("kind").asText()).isEqualTo("recovered");
    assertThat(over.path("resolved").get(0).asText()).isEqualTo(id);
    assertThat(project.weir("alerts").out()).isEqualToIgnoringNewLines("No alert is open.");
    List<JsonNode> all = json(project.weir("alerts", "--all", "--json"));
    assertThat(all).extracting(node -> node.path("state").asText()).containsOnly("resolved");
    assertThat(all.get(0).path("deliveries").path("hook").path("outcome").asText())
        .isEqualTo("delivered");

    assertThat(
            project
                .weir(
                    "sql",
                    "--format=csv",
                    "select kind, state, times, delivered_by from lineage.alert_states order by since, kind desc")
                .lines())
        .containsExactly(
            "kind,state,times,delivered_by",
            "STAGE_FAILED,RESOLVED,2,hook",
            "RECOVERED,RESOLVED,1,hook");
  }

  @Test
  void aProcessThatIsKilledBeforeItsAlertIsTakenLosesNone() throws Exception {
    answering = false;
    Process process = start("run", "failing");
    JsonNode first = next();
    // The fact is durable, and the server has it, but has not said so.
    awaitEnd();
    process.destroyForcibly().waitFor();
    answering = true;

    TestProject.Said said = project.weir("alerts", "--json");

    assertThat(said.err()).isEmpty();
    JsonNode again = next();
    assertThat(again.path("alert")).isEqualTo(first.path("alert"));
    assertThat(json(said)).hasSize(1);
    assertThat(json(said).get(0).path("deliveries").path("hook").path("outcome").asText())
        .isEqualTo("delivered");
    project.weir("alerts");
    assertThat(received).as("once it is taken it is not sent again").isEmpty();
  }

  private void awaitEnd() throws InterruptedException {
    while (true) {
      try (HomeReader home = HomeReader.open(project.home())) {
        if (home.lineage().runs(1).stream().anyMatch(run -> run.state() == RunState.FAILED)) {
          return;
        }
      }
      Thread.sleep(50);
    }
  }

  @Test
  void aRunThatIsFoundDeadIsToldByWhoeverFindsIt() throws Exception {
    Process process = start("run", "sleepy");
    processes.await(out(process), TestStages.AwaitsFile.REACHED);
    process.destroyForcibly().waitFor();
    assertThat(received).isEmpty();

    assertThat(project.weir("runs").code()).isZero();
    JsonNode died = next();
    assertThat(died.path("kind").asText()).isEqualTo("run-died");
    assertThat(died.path("severity").asText()).isEqualTo("error");
    assertThat(died.path("message").asText())
        .matches("Nobody goes on with run \\S+: its process is gone\\. It was last heard of at .*");
    project.weir("runs");
    project.weir("show");
    assertThat(received).as("it is told once").isEmpty();

    Files.writeString(folder.resolve("go"), "");
    TestProject.Said resumed =
        project.weir("run", "sleepy", "--param", "file=" + folder.resolve("go"));
    assertThat(resumed.code()).isZero();
    project.weir("alerts");
    JsonNode over = next();
    assertThat(over.path("kind").asText()).isEqualTo("recovered");
    assertThat(over.path("resolved").get(0)).isEqualTo(died.path("alert"));
    assertThat(received).isEmpty();
  }

  @Test
  void aServerThatIsDownKeepsNoCommandFromItsWork() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    project.file(
        "conf/weir.yaml",
        "alerts: { routes: [ { webhook: 'http://127.0.0.1:%d/', name: down } ] }\n"
            .formatted(free));

    TestProject.Said failed = project.weir("run", "failing");
    assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
    assertThat(failed.err())
        .isEqualToIgnoringNewLines(
            "weir: An alert was not delivered by down: Connection refused; the next command tries again. See ./weir alerts.");
    TestProject.Said list = project.weir("alerts");
    assertThat(list.out()).contains("not down: Connection refused");
    assertThat(list.code()).isZero();
  }

  @Test
  void withoutAlertsARunOnlyFails() {
    project.file("conf/weir.yaml", "");
    assertThat(project.weir("run", "failing").code()).isEqualTo(ExitCode.FAILED);
    assertThat(received).isEmpty();
    assertThat(project.weir("alerts").out())
        .isEqualToIgnoringNewLines("Nobody is told of anything: add alerts to conf/weir.yaml.");
  }
}
