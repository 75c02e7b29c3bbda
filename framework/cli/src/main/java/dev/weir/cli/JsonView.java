package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.weir.lineage.Fact;
import dev.weir.run.RunEvent;
import dev.weir.run.RunListener;
import dev.weir.run.RunResult;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON object an event; the last one is {@code run.finished}. */
final class JsonView implements RunListener {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  private final PrintStream out;

  JsonView(PrintStream out) {
    this.out = out;
  }

  @Override
  public void on(RunEvent event) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    if (event instanceof RunEvent.Began e) {
      object.put("event", "run.started");
      object.put("at", e.at());
      object.put("run", e.run());
      object.put("pipeline", e.pipeline());
      object.put("home", e.home().toString());
      object.put("log", e.log());
      object.put("stages", e.stages());
      object.put("note", e.note());
    } else if (event instanceof RunEvent.Waiting e) {
      object.put("event", "run.waiting");
      object.put("at", e.at());
      object.put("pipeline", e.holder().pipeline());
      object.put("for_run", e.holder().run());
      object.put("since", e.holder().at());
      object.put("host", e.holder().host());
      object.put("pid", e.holder().pid());
      object.put("user", e.holder().user());
      object.put("cancelling", e.cancelling());
    } else if (event instanceof RunEvent.CancelAsked e) {
      object.put("event", "run.cancelling");
      object.put("at", e.at());
      object.put("reason", e.text());
    } else if (event instanceof RunEvent.Planned e) {
      object.put("event", "run.planned");
      object.put("at", e.at());
      object.put("stages", PlanAction.stages(e.plan()));
    } else if (event instanceof RunEvent.Resumed e) {
      object.put("event", "run.resumed");
      object.put("at", e.at());
      object.put("log", e.log());
      object.put("reason", e.reason());
    } else if (event instanceof RunEvent.SparkStarting e) {
      object.put("event", "spark.starting");
      object.put("at", e.at());
    } else if (event instanceof RunEvent.SparkReady e) {
      object.put("event", "spark.ready");
      object.put("at", e.at());
      object.put("master", e.master());
      object.put("seconds", seconds(e.took()));
    } else if (event instanceof RunEvent.StageBegan e) {
      object.put("event", "stage.started");
      object.put("at", e.at());
      object.put("stage", e.stage());
      object.put("attempt", e.attempt());
    } else if (event instanceof RunEvent.StageRetried e) {
      object.put("event", "stage.retried");
      object.put("at", e.at());
      object.put("stage", e.stage());
      object.put("attempt", e.attempt());
      object.put("error", e.error());
      object.put("delay_seconds", seconds(e.delay()));
    } else if (event instanceof RunEvent.StageEnded e) {
      Fact.StageFinished facts = e.facts();
      object.put("event", "stage.finished");
      object.put("at", facts.at());
      object.put("stage", facts.stage());
      object.put("attempt", facts.attempt());
      object.put("state", facts.state());
      object.put("seconds", seconds(Duration.between(facts.startedAt(), facts.at())));
      object.put("datasets", facts.datasets());
      object.put("models", facts.models());
      object.put("registered", e.registered());
      object.put("metrics", facts.metrics());
      object.put("checks", facts.checks());
      object.put("error", facts.error());
    } else if (event instanceof RunEvent.StageReused e) {
      Fact.StageFinished facts = e.facts();
      object.put("event", "stage.reused");
      object.put("at", e.at());
      object.put("stage", facts.stage());
      object.put("state", facts.state());
      object.put("reason", e.reason());
      object.put("reused", facts.reused());
      object.put("datasets", facts.datasets());
      object.put("models", facts.models());
      object.put("registered", e.registered());
    } else if (event instanceof RunEvent.StageSkipped e) {
      object.put("event", "stage.skipped");
      object.put("at", e.at());
      object.put("stage", e.stage());
      object.put("because", e.because());
    } else if (event instanceof RunEvent.Ended e) {
      RunResult result = e.result();
      object.put("event", "run.finished");
      object.put("at", e.at());
      object.put("run", result.run());
      object.put("pipeline", result.pipeline());
      object.put("state", result.state());
      object.put("seconds", seconds(Duration.between(result.startedAt(), result.finishedAt())));
      object.put("error", result.error());
      object.put("log", result.log());
    }
    try {
      out.println(JSON.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + event, e);
    }
    out.flush();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
