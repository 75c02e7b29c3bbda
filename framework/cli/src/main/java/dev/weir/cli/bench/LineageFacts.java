package dev.weir.cli.bench;

import dev.weir.lineage.Fact;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.store.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run of a pipeline of nine stages says, as the runner would say it: some hundred edges from
 * thirty files to a registered model, and nothing behind it but the facts.
 */
final class LineageFacts {
  private static final int PIPELINES = 10;
  private static final int FILES = 30;
  private static final int LOOKUPS = 8;
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final int number;
  private final String pipeline;
  private final String space;
  private final String run;
  private final long version;
  private Instant at;
  private final List<Fact> facts = new ArrayList<>();

  private LineageFacts(int number) {
    this.number = number;
    this.pipeline = "p" + number % PIPELINES;
    this.space = pipeline;
    this.version = (long) number / PIPELINES;
    this.run = String.format(Locale.ROOT, "20260101-%06d-bench", number);
    this.at = BEGIN.plus(Duration.ofMinutes(number));
  }

  /** The model that the run with a number registers. */
  static String model(int number) {
    return "model:p%d.scores@%d".formatted(number % PIPELINES, number / PIPELINES + 1);
  }

  /** All facts of the run with a number, in order. */
  static List<Fact> of(int number) {
    return new LineageFacts(number).all();
  }

  /** How many edges a run has. */
  static int edges() {
    int edges = 0;
    for (Fact fact : of(0)) {
      if (fact instanceof Fact.StageFinished stage) {
        int written = stage.datasets().size() + stage.models().size();
        edges += Math.max(1, stage.reads().size()) * Math.max(1, written);
      } else if (fact instanceof Fact.ModelRegistered) {
        edges += 2;
      }
    }
    return edges;
  }

  private List<Fact> all() {
    Instant began = at;
    facts.add(
        new Fact.RunStarted(
            at,
            pipeline,
            run,
            number + 1L,
            "{}",
            Map.of("seed", "42"),
            Map.of("user", "bench", "host", "bench"),
            List.of(
                "ingest",
                "clean",
                "features",
                "split",
                "train",
                "predict",
                "score",
                "evaluate",
                "register"),
            Map.of(),
            Fact.Snapshot.NONE,
            Map.of(),
            Fact.Choice.ALL));
    List<Fact.Read> files = new ArrayList<>();
    for (int file = 0; file < FILES; file++) {
      files.add(
          new Fact.Read(
              "source",
              "file:file:///data/%s/part-%02d.csv@%s"
                  .formatted(space, file, Sha256.of(space + "/" + file + "/" + version / 10)),
              "1024"));
    }
    stage("ingest", files, List.of("raw"));
    stage("clean", List.of(read("raw")), List.of("clean", "refused"));
    List<Fact.Read> lookups = new ArrayList<>();
    for (int lookup = 0; lookup < LOOKUPS; lookup++) {
      // What two other pipelines made.
      lookups.add(earlier("score%d".formatted(lookup % 4), lookup / 4));
    }
    List<Fact.Read> wide = new ArrayList<>(lookups);
    wide.add(read("clean"));
    stage("features", wide, List.of("features"));
    stage("split", List.of(read("features")), List.of("train", "test"));
    String candidate = "candidate:%s.scores@%s".formatted(space, run);
    finish("train", List.of(read("train")), List.of(), List.of(model(candidate)));
    Fact.Read fitted = new Fact.Read("model", candidate, null);
    stage("predict", List.of(fitted, read("test")), List.of("predictions"));
    List<Fact.Read> joined = new ArrayList<>();
    joined.add(read("predictions"));
    joined.add(read("refused"));
    joined.add(read("features"));
    for (String name : List.of("clean", "train", "test", "raw")) {
      joined.add(read(name));
    }
    stage("score", joined, List.of("score0", "score1", "score2", "score3"));
    List<Fact.Read> judged = new ArrayList<>();
    for (int score = 0; score < 4; score++) {
      judged.add(read("score" + score));
    }
    judged.add(fitted);
    stage("evaluate", judged, List.of("evaluation"));
    String evaluation = dataset("evaluation", version);
    facts.add(
        new Fact.ModelRegistered(
            at,
            pipeline,
            run,
            "register",
            1,
            model(number),
            candidate,
            evaluation,
            Sha256.of(candidate)));
    finish("register", List.of(fitted, read("evaluation")), List.of(), List.of());
    facts.add(new Fact.RunFinished(later(), began, pipeline, run, RunState.SUCCEEDED, null));
    return facts;
  }

  private Instant later() {
    at = at.plusSeconds(1);
    return at;
  }

  private String dataset(String name, long of) {
    return "dataset:%s.%s@%d".formatted(space, name, of);
  }

  private Fact.Read read(String name) {
    return new Fact.Read("from", dataset(name, version), "table-" + space + "-" + name);
  }

  private Fact.Read earlier(String name, int back) {
    String other = "p" + (number + 1 + back) % PIPELINES;
    // What changes seldom: the first of each hundred, which itself reads only files.
    long of = version / 100 * 100;
    return version == of
        ? new Fact.Read(
            "lookup",
            "file:file:///data/lookup/%s.csv@%s".formatted(name, Sha256.of(name + of)),
            "1024")
        : new Fact.Read(
            "lookup", "dataset:%s.%s@%d".formatted(other, name, of), "table-" + other + "-" + name);
  }

  private static Fact.ModelWritten model(String candidate) {
    return new Fact.ModelWritten(
        "into",
        candidate,
        "LogisticRegressionModel",
        Sha256.of(candidate),
        Sha256.of("content " + candidate),
        3,
        9216,
        0,
        "{}");
  }

  private void stage(String name, List<Fact.Read> reads, List<String> outputs) {
    List<Fact.DatasetWritten> written = new ArrayList<>();
    for (String output : outputs) {
      String reference = dataset(output, version);
      written.add(
          new Fact.DatasetWritten(
              "into",
              reference,
              "table-" + space + "-" + output,
              "file:///bench/datasets/" + space + "/" + output,
              48_000,
              Sha256.of(reference),
              "{\"type\":\"struct\",\"fields\":[]}"));
    }
    finish(name, reads, written, List.of());
  }

  private void finish(
      String name,
      List<Fact.Read> reads,
      List<Fact.DatasetWritten> datasets,
      List<Fact.ModelWritten> models) {
    Instant began = at;
    facts.add(
        new Fact.StageStarted(began, pipeline, run, name, 1, "dev.weir.Bench", "{}", null, null));
    facts.add(
        new Fact.StageFinished(
            later(),
            began,
            pipeline,
            run,
            name,
            1,
            "dev.weir.Bench",
            StageState.SUCCEEDED,
            reads,
            datasets,
            models,
            List.of(new Fact.Metric("spark.seconds", 0.5, null)),
            List.of(),
            List.of(),
            null,
            null,
            null));
  }
}
