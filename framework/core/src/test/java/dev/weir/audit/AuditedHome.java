package dev.weir.audit;

import dev.weir.config.Retention;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Facts;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.store.Column;
import dev.weir.store.ColumnType;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import dev.weir.store.Sha256;
import dev.weir.store.TableDefinition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A home with one run that read a dataset, fitted a model and registered it, and with what people
 * did to the model after that: seven rows of a chain, in three commits.
 */
final class AuditedHome {
  static final Actor ADA = new Actor("ada", "ship", null);

  /** Long ago: whatever belongs under the chain ought to be there. */
  static final Instant AT = Instant.parse("2025-01-31T17:45:12.123456Z");

  private AuditedHome() {}

  static void append(Events events, Fact... facts) {
    List<List<Object>> rows = new ArrayList<>();
    for (Fact fact : facts) {
      String stage = null;
      Integer attempt = null;
      if (fact instanceof Fact.StageFinished finished) {
        stage = finished.stage();
        attempt = finished.attempt();
      } else if (fact instanceof Fact.ModelRegistered registered) {
        stage = registered.stage();
        attempt = registered.attempt();
      }
      rows.add(
          Arrays.asList(
              fact.at(),
              Facts.kind(fact),
              fact.pipeline(),
              fact.run(),
              stage,
              attempt,
              Facts.body(fact)));
    }
    events.table().append(rows);
  }

  static Fact.ModelReviewed approved(String reference, int second) {
    return approved(reference, AT.plusSeconds(second));
  }

  static Fact.ModelReviewed approved(String reference, Instant at) {
    return new Fact.ModelReviewed(
        at,
        ADA,
        reference,
        Fact.Review.APPROVED,
        "d",
        null,
        "good\nenough \"for now\" \u2014 \u00fc\u0001",
        null);
  }

  static Fact.RunStarted started(String run, int second) {
    return new Fact.RunStarted(
        AT.plusSeconds(second),
        "t",
        run,
        1,
        "{}",
        Map.of("seed", "7"),
        Map.of("user", "ada"),
        List.of("train"),
        Map.of(),
        Fact.Snapshot.NONE,
        Map.of(),
        Fact.Choice.ALL);
  }

  static Fact.RunFinished finished(String run, int second) {
    return new Fact.RunFinished(AT.plusSeconds(second), AT, "t", run, RunState.SUCCEEDED, null);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static void make(Path folder, AuditKey key) {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      AuditChain chain = AuditChain.of(events, Optional.of(key));

      DeltaTable dataset = home.table("datasets/t/rows");
      dataset.create(
          new TableDefinition(
              List.of(Column.required("n", ColumnType.LONG, "A number.")), Map.of()));
      dataset.append(List.of(List.of(1L), List.of(2L)));

      String metadata = Sha256.of(bytes("{}"));
      String data = Sha256.of(bytes("one two"));
      DeltaTable artifacts = home.table("models/artifacts");
      artifacts.create(
          new TableDefinition(
              List.of(
                  Column.required("model", ColumnType.STRING, "m"),
                  Column.required("run", ColumnType.STRING, "r"),
                  Column.required("stage", ColumnType.STRING, "s"),
                  Column.required("path", ColumnType.STRING, "p"),
                  Column.required("sha256", ColumnType.STRING, "h"),
                  Column.required("bytes", ColumnType.LONG, "b"),
                  Column.required("part", ColumnType.INT, "n"),
                  Column.required("parts", ColumnType.INT, "of"),
                  Column.required("content", ColumnType.BINARY, "c")),
              Map.of()));
      long artifactsVersion =
          artifacts.append(
              List.of(
                  List.of("t.model", "r1", "train", "data/part-0", data, 7L, 1, 2, bytes(" two")),
                  List.of("t.model", "r1", "train", "data/part-0", data, 7L, 0, 2, bytes("one")),
                  List.of("t.model", "r1", "train", "metadata", metadata, 2L, 0, 1, bytes("{}"))));

      append(events, started("r1", 0));
      append(
          events,
          new Fact.StageFinished(
              AT.plusSeconds(2),
              AT.plusSeconds(1),
              "t",
              "r1",
              "train",
              1,
              "Train",
              StageState.SUCCEEDED,
              List.of(
                  new Fact.Read("from", "dataset:t.rows@1", dataset.latest().tableId()),
                  new Fact.Read("more", "file:/in.csv@" + data, "12")),
              List.of(),
              List.of(
                  new Fact.ModelWritten(
                      "into",
                      "candidate:t.model@r1",
                      "LogisticRegression",
                      Sha256.of(data + "  data/part-0\n" + metadata + "  metadata\n"),
                      "",
                      2,
                      9,
                      artifactsVersion,
                      "{}")),
              List.of(),
              List.of(),
              List.of(),
              null,
              null,
              null),
          new Fact.ModelRegistered(
              AT.plusSeconds(3),
              "t",
              "r1",
              "register",
              1,
              "model:t.model@1",
              "candidate:t.model@r1",
              null,
              "d"),
          finished("r1", 4));
      chain.extend();
      events.append(
          List.of(
              approved("model:t.model@1", 5),
              new Fact.AliasMoved(
                  AT.plusSeconds(6),
                  ADA,
                  "t.model",
                  "champion",
                  null,
                  "model:t.model@1",
                  "first",
                  null)));
      chain.extend();
      events.append(
          List.of(
              new Fact.ModelRetired(AT.plusSeconds(7), ADA, "model:t.model@1", "too old", null)));
      chain.extend();
    }
  }

  static AuditReport verify(Path folder, AuditHead kept, AuditKey.Public key) {
    try (Home home = Home.existing(folder.toUri(), Map.of()).orElseThrow()) {
      return AuditVerification.of(
          Events.existing(home).orElseThrow(), kept, key, Retention.DEFAULT);
    }
  }
}
