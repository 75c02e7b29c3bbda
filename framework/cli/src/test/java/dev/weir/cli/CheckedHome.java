package dev.weir.cli;

import dev.weir.artifact.ModelName;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.Registrations;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.profile.ColumnAccumulator;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.ValueKind;
import dev.weir.store.Home;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A home in which a gate has looked at nine versions of a dataset. In version 5 the channel of some
 * rows is new, of which it only warns; the last has its income in thousands, and is not accepted.
 */
final class CheckedHome {
  static final Instant BEGAN = Instant.parse("2026-01-01T06:00:00Z");
  static final int LAST = 8;

  /** A column that makes a careless page say something else. */
  static final String HOSTILE = "<script>alert('x')</script> & \"so\"";

  private static final String PIPELINE = "shop";

  /** Few enough for sketches to hold them all, so that each drawing is the same. */
  private static final int ROWS = 150;

  private CheckedHome() {}

  static void make(Path folder) {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      for (int version = 0; version <= LAST; version++) {
        run(events, "run-" + version, inspection(version));
        if (version == 2) {
          train(events);
        }
      }
    }
  }

  static Instant at(int version) {
    return BEGAN.plus(Duration.ofDays(version));
  }

  private static void run(Events events, String run, List<Fact> facts) {
    try (Lease lease = Lease.take(events, new LeaseRequest(PIPELINE, run))) {
      Instant at = facts.get(0).at();
      List<Fact> all = new ArrayList<>();
      all.add(started(run, at));
      all.addAll(facts);
      lease.log().commit(all);
      lease.release(List.of(new Fact.RunFinished(at, at, PIPELINE, run, RunState.SUCCEEDED, null)));
    }
  }

  private static Fact.RunStarted started(String run, Instant at) {
    return new Fact.RunStarted(
        at,
        PIPELINE,
        run,
        1,
        "{}",
        Map.of(),
        Map.of(),
        List.of("validate"),
        Map.of(),
        Fact.Snapshot.NONE,
        Map.of(),
        Fact.Choice.ALL);
  }

  private static List<Fact> inspection(int version) {
    String raw = "dataset:shop.raw@" + version;
    boolean thousands = version == LAST;
    int strange = version >= 5 ? 12 : 0;
    int low = thousands ? ROWS : 0;
    List<Fact.Check> checks =
        List.of(
            new Fact.Check(
                "not-null",
                raw,
                "id",
                true,
                ROWS,
                0L,
                "0 of 150 rows are null",
                "at most 0 % may be",
                "error",
                null,
                0.0),
            new Fact.Check(
                "range",
                raw,
                "income",
                !thousands,
                ROWS,
                (long) low,
                thousands
                    ? "150 of 150 rows (100 %) are below 1000"
                    : "0 of 150 rows are below 1000",
                "at most 0 % may be",
                "error",
                "Ada <ada@example.com>",
                low / (double) ROWS),
            new Fact.Check(
                "allowed",
                raw,
                "channel",
                strange == 0,
                ROWS,
                (long) strange,
                strange + " of 150 rows are none of web, branch",
                "at most 0 % may be",
                "warn",
                null,
                strange / (double) ROWS),
            new Fact.Check(
                "schema",
                raw,
                null,
                true,
                ROWS,
                null,
                "as it should be",
                "the columns",
                "error",
                null,
                null));
    Fact.StageFinished finished =
        stage(
            at(version),
            "run-" + version,
            "validate",
            thousands ? StageState.HALTED : StageState.SUCCEEDED,
            new Fact.Read("from", raw, "table-raw"),
            thousands ? List.of() : List.of(written("shop.clean", version)),
            List.of(),
            checks);
    return List.of(
        finished,
        new Fact.DatasetProfiled(
            at(version),
            PIPELINE,
            "run-" + version,
            "validate",
            1,
            raw,
            "table-raw",
            !thousands,
            profile(version).kept().json(),
            null,
            null));
  }

  private static DatasetProfile profile(int version) {
    ColumnAccumulator id = ColumnAccumulator.of("id", "bigint", ValueKind.INTEGER);
    ColumnAccumulator income = ColumnAccumulator.of("income", "double", ValueKind.REAL);
    ColumnAccumulator channel = ColumnAccumulator.of("channel", "string", ValueKind.TEXT);
    ColumnAccumulator opened = ColumnAccumulator.of("opened", "date", ValueKind.DATE);
    ColumnAccumulator hostile = ColumnAccumulator.of(HOSTILE, "string", ValueKind.TEXT);
    int rows = ROWS + 3 * (version % 4);
    for (int i = 0; i < rows; i++) {
      id.update(version * 1_000L + i);
      double amount = 20_000 + i * 7_919 % 151 * 100 + version * 7 % 5 * 150;
      income.update(version == LAST ? amount / 1_000 : amount);
      text(channel, version >= 5 && i % 33 == 0 ? "phone" : i % 3 == 0 ? "branch" : "web");
      if (i % 50 == 0) {
        opened.updateNull();
      } else {
        opened.update(20_000L + version * 30L + i % 30);
      }
      text(hostile, "<b>" + i % 2 + "</b>");
    }
    return new DatasetProfile(
        rows,
        List.of(
            id.profile(),
            income.profile(),
            channel.profile(),
            opened.profile(),
            hostile.profile()));
  }

  private static void text(ColumnAccumulator column, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    column.update(utf8, 0, utf8.length);
  }

  /** A model of version 2 is registered, and the champion. */
  private static void train(Events events) {
    Instant at = at(2).plusSeconds(60);
    String candidate = "candidate:shop.churn@run-train";
    run(
        events,
        "run-train",
        List.of(
            stage(
                at,
                "run-train",
                "train",
                StageState.SUCCEEDED,
                new Fact.Read("from", "dataset:shop.clean@2", "table-clean"),
                List.of(),
                List.of(new Fact.ModelWritten("into", candidate, "Type", "d", "c", 1, 1, 1, "{}")),
                List.of())));
    try (Lease lease = Lease.take(events, new LeaseRequest(PIPELINE, "run-register"))) {
      lease.log().commit(List.of(started("run-register", at)));
      var unused =
          Registrations.register(
              events,
              lease,
              ModelName.parse("shop.churn"),
              "run-register",
              "register",
              number ->
                  List.of(
                      new Fact.ModelRegistered(
                          at,
                          PIPELINE,
                          "run-register",
                          "register",
                          1,
                          "model:shop.churn@" + number,
                          candidate,
                          null,
                          "d")));
      lease.release(
          List.of(
              new Fact.RunFinished(at, at, PIPELINE, "run-register", RunState.SUCCEEDED, null)));
    }
    events.append(
        List.of(
            new Fact.AliasMoved(
                at,
                new Actor("ada", "ship", null),
                "shop.churn",
                "champion",
                null,
                "model:shop.churn@1",
                "the first",
                null)));
  }

  private static Fact.DatasetWritten written(String dataset, int version) {
    return new Fact.DatasetWritten(
        "into",
        "dataset:" + dataset + "@" + version,
        "table-clean",
        "/home/" + dataset,
        ROWS,
        "d" + version,
        "{}");
  }

  private static Fact.StageFinished stage(
      Instant at,
      String run,
      String stage,
      StageState state,
      Fact.Read read,
      List<Fact.DatasetWritten> datasets,
      List<Fact.ModelWritten> models,
      List<Fact.Check> checks) {
    Fact.@Nullable Failure error =
        state == StageState.HALTED
            ? new Fact.Failure("checks-failed", "1 of 4 checks failed", "GateException")
            : null;
    return new Fact.StageFinished(
        at,
        at,
        PIPELINE,
        run,
        stage,
        1,
        "Type",
        state,
        List.of(read),
        datasets,
        models,
        List.of(),
        List.of(),
        checks,
        error,
        null,
        null);
  }
}
