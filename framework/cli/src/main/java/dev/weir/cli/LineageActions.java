package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTable;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import dev.weir.lineage.StageState;
import dev.weir.lineage.StageView;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the commands about past runs do; all of it without Spark. */
final class LineageActions {
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();

  private static final int STATE = RunState.INTERRUPTED.name().length();

  private final URI location;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  LineageActions(URI location, PrintStream out, PrintStream err) {
    this.location = location;
    this.out = out;
    this.err = err;
  }

  // --- weir runs

  int runs(@Nullable String pipeline, int limit, boolean json) {
    try (HomeReader home = HomeReader.open(location)) {
      // Of one pipeline's runs it is not known how far back they lie.
      List<RunView> found =
          home.lineage().runs(pipeline == null ? limit : Integer.MAX_VALUE).stream()
              .filter(run -> pipeline == null || run.pipeline().equals(pipeline))
              .limit(limit)
              .toList();
      if (json) {
        found.forEach(this::printJson);
        return ExitCode.DONE;
      }
      if (found.isEmpty()) {
        err.println(
            pipeline == null ? "No run yet." : "No run of a pipeline '%s'.".formatted(pipeline));
        return ExitCode.DONE;
      }
      int width =
          Math.max(8, found.stream().mapToInt(run -> run.pipeline().length()).max().orElse(8));
      out.println(
          ansi.dim(
              "%s  %s  %s  %s  %s"
                  .formatted(
                      Text.pad("run", 21),
                      Text.pad("pipeline", width),
                      Text.pad("state", STATE),
                      Text.pad("started (UTC)", 19),
                      "took")));
      Instant now = Instant.now();
      for (RunView run : found) {
        out.println(
            "%s  %s  %s  %s  %s%s"
                .formatted(
                    Text.pad(run.run(), 21),
                    Text.pad(run.pipeline(), width),
                    painted(run.state(), STATE),
                    Text.time(run.startedAt()),
                    Text.duration(run.duration(now)),
                    trouble(run)));
      }
      return ExitCode.DONE;
    }
  }

  private String trouble(RunView run) {
    Fact.Failure error = run.error();
    return error == null
        ? ""
        : "  " + ansi.dim(ansi.terminal() ? fitted(error.message()) : oneLine(error.message()));
  }

  private String fitted(String message) {
    return Text.fit(message, Math.max(20, ansi.columns() - 77));
  }

  private static String oneLine(String message) {
    return message.replace('\n', ' ');
  }

  private String painted(Enum<?> state, int width) {
    String text = Text.pad(StageText.word(state), width);
    return switch (state.name()) {
      case "SUCCEEDED" -> ansi.green(text);
      case "FAILED" -> ansi.red(text);
      case "HALTED", "CANCELLED", "INTERRUPTED" -> ansi.yellow(text);
      case "RUNNING" -> ansi.cyan(text);
      default -> ansi.dim(text);
    };
  }

  // --- weir show

  int show(String asked, boolean json) {
    try (HomeReader home = HomeReader.open(location)) {
      LineageReader lineage = home.lineage();
      RunView run = RunFinder.find(lineage, asked);
      List<StageView> stages = lineage.stages(run.run());
      Map<LineageTable, List<Row>> rows = new LinkedHashMap<>();
      for (LineageTable table :
          List.of(
              LineageTable.PARAMS,
              LineageTable.EDGES,
              LineageTable.DATASETS,
              LineageTable.MODELS,
              LineageTable.METRICS,
              LineageTable.CHECKS)) {
        rows.put(table, lineage.rows(table, List.of(Filter.equal("run", run.run()))));
      }
      if (json) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("run", run);
        object.put("stages", stages);
        rows.forEach((table, found) -> object.put(table.tableName(), maps(found)));
        printJson(object);
        return ExitCode.DONE;
      }
      print(run, stages, rows);
      return ExitCode.DONE;
    }
  }

  private void print(RunView run, List<StageView> stages, Map<LineageTable, List<Row>> rows) {
    out.println(
        "%s run %s %s, started %s UTC%s, took %s"
            .formatted(
                ansi.bold(run.pipeline()),
                run.run(),
                painted(run.state(), 0),
                Text.time(run.startedAt()),
                run.startedBy() == null ? "" : " by " + run.startedBy(),
                Text.duration(run.duration(Instant.now()))));
    Fact.Failure error = run.error();
    if (error != null) {
      out.println("  " + ansi.red(error.message()));
    }
    Instant seen = run.lastSeenAt();
    if (run.state() == RunState.RUNNING && seen != null) {
      out.println(
          "  last heard of %s ago".formatted(Text.duration(Duration.between(seen, Instant.now()))));
    }
    List<Row> params =
        of(rows, LineageTable.PARAMS).stream().filter(row -> row.get("stage") == null).toList();
    for (Row param : params) {
      out.println("  param %s = %s".formatted(param.string("name"), param.string("value")));
    }
    for (StageView stage : stages) {
      print(stage, rows);
    }
  }

  private void print(StageView stage, Map<LineageTable, List<Row>> rows) {
    Instant began = stage.startedAt();
    Instant ended = stage.finishedAt();
    String reused = stage.reusedRun();
    String took =
        reused != null
            ? "the same as in run " + reused
            : began == null
                ? ""
                : Text.duration(Duration.between(began, ended == null ? Instant.now() : ended));
    String type = stage.type();
    out.println();
    out.println(
        "%s %s  %s%s%s"
            .formatted(
                painted(stage.state(), 9),
                ansi.bold(stage.stage()),
                took,
                stage.attempt() > 1 ? "  attempt " + stage.attempt() : "",
                type == null ? "" : ansi.dim("  " + type)));
    Fact.Failure error = stage.error();
    if (error != null) {
      for (String line : error.message().split("\n", -1)) {
        out.println("          " + line);
      }
    }
    if (stage.state() == StageState.PENDING) {
      return;
    }
    Set<String> read = new LinkedHashSet<>();
    for (Row edge : mine(rows, LineageTable.EDGES, stage)) {
      String from = edge.text("from_reference");
      if (from != null) {
        read.add(from);
      }
    }
    int shown = 0;
    for (String reference : read) {
      if (shown++ == 5 && read.size() > 6) {
        field("", "and %s more".formatted(Text.count(read.size() - 5)));
        break;
      }
      field(shown == 1 ? "read" : "", reference);
    }
    for (Row dataset : mine(rows, LineageTable.DATASETS, stage)) {
      field(
          reused == null ? "made" : "has",
          "%s  %s  digest %s"
              .formatted(
                  ansi.cyan(dataset.string("reference")),
                  Text.count(dataset.number("row_count"), "row"),
                  dataset
                      .string("digest")
                      .substring(0, Math.min(12, dataset.string("digest").length()))));
    }
    for (Row model : mine(rows, LineageTable.MODELS, stage)) {
      String predictor = Objects.requireNonNullElse(model.text("type"), "");
      field(
          "made",
          "%s  %s".formatted(ansi.cyan(model.string("reference")), Text.simpleName(predictor)));
    }
    for (Row metric : mine(rows, LineageTable.METRICS, stage)) {
      field(
          "metric",
          "%s %s"
              .formatted(
                  Text.pad(metric.string("name"), 20),
                  Text.metric((Double) Objects.requireNonNull(metric.get("value")))));
    }
    for (Row check : mine(rows, LineageTable.CHECKS, stage)) {
      boolean passed = Boolean.TRUE.equals(check.get("passed"));
      String column = check.text("column_name");
      field(
          "check",
          "%s %s%s  %s; %s"
              .formatted(
                  passed ? ansi.green("✓") : ansi.red("✗"),
                  check.string("name"),
                  column == null ? "" : " " + column,
                  check.string("observed"),
                  check.string("expected")));
    }
  }

  private void field(String label, String text) {
    out.println("          " + ansi.dim(Text.pad(label, 7)) + text);
  }

  private static List<Row> of(Map<LineageTable, List<Row>> rows, LineageTable table) {
    return rows.getOrDefault(table, List.of());
  }

  private static List<Row> mine(
      Map<LineageTable, List<Row>> rows, LineageTable table, StageView stage) {
    return of(rows, table).stream()
        .filter(
            row ->
                stage.stage().equals(row.text("stage"))
                    && Integer.valueOf(stage.attempt()).equals(row.get("attempt")))
        .toList();
  }

  private static List<Map<String, @Nullable Object>> maps(List<Row> rows) {
    return rows.stream()
        .map(
            row -> {
              Map<String, @Nullable Object> map = new LinkedHashMap<>();
              row.columns().forEach(column -> map.put(column, row.get(column)));
              return map;
            })
        .toList();
  }

  private void printJson(Object object) {
    try {
      out.println(JSON.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + object, e);
    }
  }

  // --- weir lineage rebuild

  static int rebuild(URI location, PrintStream out) {
    try (HomeReader home = HomeReader.open(location)) {
      long began = System.nanoTime();
      var snapshot = LineageTables.of(home.events()).rebuild();
      out.println(
          "The lineage tables were made again from version %d of the events in %s."
              .formatted(
                  snapshot.eventsVersion(),
                  Text.duration(Duration.ofNanos(System.nanoTime() - began))));
      return ExitCode.DONE;
    }
  }
}
