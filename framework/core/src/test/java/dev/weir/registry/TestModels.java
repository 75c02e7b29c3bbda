package dev.weir.registry;

import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.Registrations;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Runs as they are in the events, without what they would have computed. */
final class TestModels {
  private TestModels() {}

  /** What a run trained: its candidate and the evaluation of that. */
  record Trained(String candidate, String evaluation, String digest) {}

  /**
   * A run that reads a file, makes features of it, trains a model on these and evaluates it.
   *
   * @param version of all the datasets that it makes
   */
  static Trained train(
      Events events, String model, String run, String user, int version, double auc) {
    String pipeline = "train-" + model;
    String space = model.substring(0, model.indexOf('.'));
    String candidate = "candidate:" + model + "@" + run;
    String digest = "digest-" + run;
    Fact.Read features = read(space + ".features", version);
    try (Lease lease = Lease.take(events, new LeaseRequest(pipeline, run))) {
      Instant at = Instant.now();
      lease
          .log()
          .commit(
              List.of(
                  started(pipeline, run, user, at),
                  stage(
                      at,
                      pipeline,
                      run,
                      "ingest",
                      List.of(new Fact.Read("source", "file:/in.csv@" + "0".repeat(64), "9")),
                      List.of(written(space + ".raw", version)),
                      List.of(),
                      List.of()),
                  stage(
                      at,
                      pipeline,
                      run,
                      "features",
                      List.of(read(space + ".raw", version), read("shared.rates", 7)),
                      List.of(written(space + ".features", version)),
                      List.of(),
                      List.of()),
                  stage(
                      at,
                      pipeline,
                      run,
                      "train",
                      List.of(features),
                      List.of(),
                      List.of(
                          new Fact.ModelWritten(
                              "into",
                              candidate,
                              "org.apache.spark.ml.classification.LogisticRegressionModel",
                              digest,
                              "content-" + run,
                              3,
                              100,
                              1,
                              "{\"inputs\":[]}")),
                      List.of()),
                  stage(
                      at,
                      pipeline,
                      run,
                      "evaluate",
                      List.of(
                          read(space + ".test", version), new Fact.Read("model", candidate, null)),
                      List.of(written(space + ".evaluation", version)),
                      List.of(),
                      List.of(
                          new Fact.Metric("auc-roc", auc, candidate),
                          new Fact.Metric("baseline.auc-roc", 0.5, candidate),
                          new Fact.Metric("spark.failed-tasks", 2, null)))));
      lease.release(
          List.of(
              new Fact.RunFinished(Instant.now(), at, pipeline, run, RunState.SUCCEEDED, null)));
    }
    return new Trained(candidate, "dataset:" + space + ".evaluation@" + version, digest);
  }

  /** A run that registers what another trained. */
  static ModelVersion register(
      Events events, String model, String run, String user, Trained trained) {
    String pipeline = "register-" + model;
    try (Lease lease = Lease.take(events, new LeaseRequest(pipeline, run))) {
      Instant at = Instant.now();
      lease.log().commit(List.of(started(pipeline, run, user, at)));
      ModelVersion version =
          Registrations.register(
              events,
              lease,
              ModelName.parse(model),
              run,
              "register",
              number ->
                  List.of(
                      new Fact.ModelRegistered(
                          Instant.now(),
                          pipeline,
                          run,
                          "register",
                          1,
                          "model:" + model + "@" + number,
                          trained.candidate(),
                          trained.evaluation(),
                          trained.digest())));
      lease.release(
          List.of(
              new Fact.RunFinished(Instant.now(), at, pipeline, run, RunState.SUCCEEDED, null)));
      return version;
    }
  }

  private static Fact.RunStarted started(String pipeline, String run, String user, Instant at) {
    return new Fact.RunStarted(
        at,
        pipeline,
        run,
        1,
        "{}",
        Map.of(),
        Map.of("user", user, "spark", "4.1.0"),
        List.of("train"),
        Map.of(),
        Fact.Snapshot.NONE,
        Map.of(),
        Fact.Choice.ALL);
  }

  private static Fact.Read read(String dataset, int version) {
    return new Fact.Read("from", "dataset:" + dataset + "@" + version, "id-" + dataset);
  }

  private static Fact.DatasetWritten written(String dataset, int version) {
    return new Fact.DatasetWritten(
        "into",
        "dataset:" + dataset + "@" + version,
        "id-" + dataset,
        "/home/" + dataset,
        10,
        "d",
        "{}");
  }

  private static Fact.StageFinished stage(
      Instant at,
      String pipeline,
      String run,
      String stage,
      List<Fact.Read> reads,
      List<Fact.DatasetWritten> datasets,
      List<Fact.ModelWritten> models,
      List<Fact.Metric> metrics) {
    return new Fact.StageFinished(
        at,
        at,
        pipeline,
        run,
        stage,
        1,
        "dev.weir.Stage",
        StageState.SUCCEEDED,
        reads,
        datasets,
        models,
        metrics,
        List.of(),
        List.of(),
        null,
        null,
        null);
  }
}
