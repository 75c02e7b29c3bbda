package dev.weir.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run of the bench's pipeline said of itself, by the events of {@code --json}.
 *
 * @param seconds from the run's start to its end, Spark's start in it
 * @param stages seconds by stage, in the order in which they ended
 * @param datasets rows and digest by name, but of the evaluation, whose values are metrics too
 * @param model the content digest of what was trained
 * @param trained how many rows were trained on
 * @param metrics what the evaluation found
 * @param troubles what Spark had to make up for, by stage and name
 * @param error what ended it, or empty
 */
record ClusterRun(
    double seconds,
    Map<String, Double> stages,
    Map<String, String> datasets,
    String model,
    long trained,
    Map<String, Double> metrics,
    Map<String, Double> troubles,
    String error) {
  private static final ObjectMapper JSON = new ObjectMapper();

  ClusterRun {
    stages = Collections.unmodifiableMap(new LinkedHashMap<>(stages));
    datasets = Collections.unmodifiableMap(new TreeMap<>(datasets));
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    troubles = Collections.unmodifiableMap(new TreeMap<>(troubles));
  }

  /** Whether a stage has begun and not yet ended. */
  static boolean under(Path out, String stage) throws IOException {
    boolean under = false;
    String said = Files.readString(out);
    // The last line may be half written.
    for (String line : said.substring(0, said.lastIndexOf('\n') + 1).lines().toList()) {
      JsonNode event = JSON.readTree(line);
      if (event.path("stage").asText().equals(stage)) {
        under = event.path("event").asText().equals("stage.started");
      }
    }
    return under;
  }

  static ClusterRun of(List<String> lines) throws IOException {
    double seconds = 0;
    Map<String, Double> stages = new LinkedHashMap<>();
    Map<String, String> datasets = new TreeMap<>();
    String model = "";
    long trained = 0;
    Map<String, Double> metrics = new TreeMap<>();
    Map<String, Double> troubles = new TreeMap<>();
    String error = "";
    for (String line : lines) {
      JsonNode event = JSON.readTree(line);
      switch (event.path("event").asText()) {
        case "stage.finished" -> {
          String stage = event.path("stage").asText();
          stages.put(stage, event.path("seconds").asDouble());
          if (!stage.equals("evaluate")) {
            event
                .path("datasets")
                .forEach(
                    dataset ->
                        datasets.put(
                            dataset.path("reference").asText(),
                            "%,d rows, digest %s"
                                .formatted(
                                    dataset.path("rows").asLong(),
                                    dataset.path("digest").asText())));
          }
          for (JsonNode made : event.path("models")) {
            model = made.path("content").asText();
          }
          for (JsonNode metric : event.path("metrics")) {
            String name = metric.path("name").asText();
            double value = metric.path("value").asDouble();
            if (name.startsWith("spark.")) {
              troubles.put(stage + " " + name, value);
            } else if (stage.equals("evaluate")) {
              metrics.put(name, value);
            } else if (name.equals("training-rows")) {
              trained = (long) value;
            }
          }
        }
        case "run.finished" -> {
          seconds = event.path("seconds").asDouble();
          error = event.path("error").path("message").asText();
        }
        default -> {
          // What is under way says nothing that lasts.
        }
      }
    }
    return new ClusterRun(seconds, stages, datasets, model, trained, metrics, troubles, error);
  }
}
