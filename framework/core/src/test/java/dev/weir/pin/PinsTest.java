package dev.weir.pin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.weir.artifact.DatasetName;
import dev.weir.config.Period;
import dev.weir.config.Retention;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Lease;
import dev.weir.lineage.LeaseRequest;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.LineageTables;
import dev.weir.lineage.RunState;
import dev.weir.lineage.StageState;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinsTest {
  private static final Instant DAY_0 = Instant.parse("2026-01-01T00:00:00Z");
  private static final Actor ADA = new Actor("ada", "ship", null);
  private static final DatasetName RAW = DatasetName.parse("credit.raw");
  private static final DatasetName CLEAN = DatasetName.parse("credit.clean");

  private final Home home;
  private final Events events;

  PinsTest(@TempDir Path folder) {
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  private static Instant day(int day) {
    return DAY_0.plus(Duration.ofDays(day));
  }

  private static Fact.DatasetWritten dataset(String name, long version, String table) {
    return new Fact.DatasetWritten(
        "into", "dataset:%s@%d".formatted(name, version), table, "file:/h/" + name, 1, "d", "{}");
  }

  private static Fact.ModelWritten candidate(String run) {
    return new Fact.ModelWritten(
        "into", "candidate:credit.default@" + run, "Model", "m-" + run, "c", 1, 1, 1, "{}");
  }

  private static Fact.Read read(Fact.DatasetWritten dataset) {
    return new Fact.Read("from", dataset.reference(), dataset.tableId());
  }

  private static Fact.RunStarted started(
      String run, int day, long token, Fact.Snapshot snapshot, String... outputs) {
    return new Fact.RunStarted(
        day(day),
        "credit",
        run,
        token,
        "{}",
        Map.of(),
        Map.of("user", "ada"),
        List.of("all"),
        Map.of("all", List.of(outputs)),
        snapshot,
        Map.of(),
        Fact.Choice.ALL);
  }

  private static Fact.StageFinished stage(
      String run,
      String stage,
      int day,
      List<Fact.Read> reads,
      List<Fact.DatasetWritten> datasets,
      List<Fact.ModelWritten> models) {
    return new Fact.StageFinished(
        day(day),
        day(day),
        "credit",
        run,
        stage,
        1,
        "Stage",
        StageState.SUCCEEDED,
        reads,
        datasets,
        models,
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        null);
  }

  /** What a run of the whole pipeline says, from raw data to a candidate and its evaluation. */
  private static List<Fact> trains(String run, int day, long version, String table) {
    Fact.DatasetWritten raw = dataset("credit.raw", version, table + "-raw");
    Fact.DatasetWritten clean = dataset("credit.clean", version, table + "-clean");
    Fact.DatasetWritten evaluation = dataset("credit.evaluation", version, table + "-evaluation");
    Fact.ModelWritten model = candidate(run);
    return List.of(
        started(run, day, 1, Fact.Snapshot.NONE, "dataset:credit.raw", "model:credit.default"),
        stage(run, "ingest", day, List.of(), List.of(raw), List.of()),
        stage(run, "validate", day, List.of(read(raw)), List.of(clean), List.of()),
        stage(run, "train", day, List.of(read(clean)), List.of(), List.of(model)),
        stage(
            run,
            "evaluate",
            day,
            List.of(read(clean), new Fact.Read("model", model.reference(), model.digest())),
            List.of(evaluation),
            List.of()));
  }

  private static Fact registered(String run, int day, int number, long version) {
    return new Fact.ModelRegistered(
        day(day),
        "credit",
        run,
        "register",
        1,
        "model:credit.default@" + number,
        "candidate:credit.default@" + run,
        "dataset:credit.evaluation@" + version,
        "m-" + run);
  }

  private void ended(String run, int day, RunState state, List<Fact> facts) {
    try (Lease lease = Lease.take(events, new LeaseRequest("credit", run))) {
      lease.log().commit(facts);
      lease.release(List.of(new Fact.RunFinished(day(day), day(day), "credit", run, state, null)));
    }
  }

  private void trained(String run, int day, int number, long version) {
    List<Fact> facts = new ArrayList<>(trains(run, day, version, "t"));
    facts.add(registered(run, day, number, version));
    ended(run, day, RunState.SUCCEEDED, facts);
  }

  private Pins pins(int day) {
    return pins(day, Retention.DEFAULT);
  }

  private Pins pins(int day, Retention retention) {
    return Pins.of(LineageReader.open(events), retention, day(day));
  }

  private static List<Tuple> held(List<Pin> pins) {
    return pins.stream().map(pin -> tuple(pin.dataset().reference(), pin.holder())).toList();
  }

  private static Fact.AliasMoved alias(int day, String from, String to) {
    return new Fact.AliasMoved(
        day(day), ADA, "credit.default", "champion", from, to, "better", null);
  }

  // --- Models

  @Test
  void aModelPinsAllThatItCameFromAndItsEvaluation() {
    trained("r1", 0, 1, 0);
    trained("r2", 1, 2, 1);
    // Half of it in the tables, half of it in the events' tail.
    LineageTables.of(events).update();
    ended("r3", 2, RunState.SUCCEEDED, trains("r3", 2, 2, "t"));

    Pins pins = pins(10);

    String candidate = "candidate:credit.default@r3";
    assertThat(held(pins.all()))
        .containsExactly(
            tuple("dataset:credit.clean@0", "model:credit.default@1"),
            tuple("dataset:credit.clean@1", "model:credit.default@2"),
            tuple("dataset:credit.clean@2", Pin.EVERYBODY),
            tuple("dataset:credit.clean@2", candidate),
            tuple("dataset:credit.evaluation@0", "model:credit.default@1"),
            tuple("dataset:credit.evaluation@1", "model:credit.default@2"),
            tuple("dataset:credit.evaluation@2", Pin.EVERYBODY),
            tuple("dataset:credit.raw@0", "model:credit.default@1"),
            tuple("dataset:credit.raw@1", "model:credit.default@2"),
            tuple("dataset:credit.raw@2", Pin.EVERYBODY),
            tuple("dataset:credit.raw@2", candidate));
    assertThat(pins.of(RAW).get(0))
        .isEqualTo(
            new Pin(
                pins.versions(RAW).get(0).dataset(),
                "t-raw",
                Pin.Kind.MODEL,
                "model:credit.default@1",
                "registered",
                day(0),
                null,
                false));
    assertThat(pins.of(RAW).get(3).until()).isEqualTo(day(32));
    // A candidate that nobody registered within its time holds nothing any more.
    assertThat(held(pins(33).of(RAW)))
        .containsExactly(
            tuple("dataset:credit.raw@0", "model:credit.default@1"),
            tuple("dataset:credit.raw@1", "model:credit.default@2"),
            tuple("dataset:credit.raw@2", Pin.EVERYBODY));
  }

  @Test
  void aTableMadeAgainCountsItsVersionsAnew() {
    trained("r1", 0, 1, 0);
    List<Fact> again = new ArrayList<>(trains("r2", 1, 0, "u"));
    ended("r2", 1, RunState.SUCCEEDED, again);

    assertThat(pins(40).of(CLEAN))
        .extracting(Pin::tableId, Pin::holder)
        .containsExactlyInAnyOrder(
            tuple("t-clean", "model:credit.default@1"), tuple("u-clean", Pin.EVERYBODY));
    // The registration names its evaluation without the table: the one that stood there then.
    assertThat(pins(40).of(DatasetName.parse("credit.evaluation")))
        .filteredOn(pin -> pin.kind() == Pin.Kind.MODEL)
        .extracting(Pin::tableId)
        .containsExactly("t-evaluation");
  }

  @Test
  void whatHasBecomeOfAModelSaysHowLong() {
    trained("r1", 0, 1, 0);
    trained("r2", 1, 2, 1);
    trained("r3", 2, 3, 2);
    ended("r4", 3, RunState.SUCCEEDED, trains("r4", 3, 3, "t"));
    Retention retention =
        new Retention(
            Period.days(100), Period.days(50), Period.days(20), Period.days(1), Period.days(1));
    String first = "model:credit.default@1";
    String second = "model:credit.default@2";
    events.append(List.of(alias(5, null, first)));
    events.append(
        List.of(
            new Fact.ModelRetired(day(6), ADA, second, "worse", null),
            new Fact.ModelReviewed(
                day(7), ADA, "model:credit.default@3", Fact.Review.APPROVED, "m", null, "ok", null),
            new Fact.ModelReviewed(
                day(8),
                ADA,
                "model:credit.default@3",
                Fact.Review.REJECTED,
                "m",
                null,
                "no",
                null)));

    assertThat(pins(10, retention).of(RAW))
        .extracting(Pin::holder, Pin::why, Pin::until)
        .containsExactly(
            tuple(first, "in production as champion", day(105)),
            tuple(second, "retired", day(26)),
            tuple("model:credit.default@3", "rejected", day(28)),
            tuple(Pin.EVERYBODY, "the latest version", null));
    assertThat(pins(26, retention).of(RAW))
        .extracting(Pin::holder)
        .containsExactly(first, "model:credit.default@3", Pin.EVERYBODY);

    // The alias goes on to the other, retired as that is; the first is a version like others again.
    events.append(List.of(alias(30, first, second)));
    assertThat(pins(31, retention).of(RAW))
        .extracting(Pin::holder, Pin::why, Pin::until)
        .containsExactly(
            tuple(first, "registered", day(80)),
            tuple(second, "in production as champion", day(130)),
            tuple(Pin.EVERYBODY, "the latest version", null));
    assertThat(pins(81, retention).of(RAW))
        .extracting(Pin::holder)
        .containsExactly(second, Pin.EVERYBODY);
    // Removed from both, and approved after all.
    events.append(
        List.of(
            alias(90, second, null),
            new Fact.ModelReviewed(
                day(95), ADA, second, Fact.Review.APPROVED, "m", null, "ok", null)));
    assertThat(pins(96, retention).of(RAW))
        .extracting(Pin::holder, Pin::why, Pin::until)
        .containsExactly(
            tuple(second, "registered", day(145)),
            tuple(Pin.EVERYBODY, "the latest version", null));
  }

  // --- Runs

  @Test
  void aRunPinsWhatItReadAndPublishedUntilItHasSucceeded() {
    ended("r1", 0, RunState.SUCCEEDED, trains("r1", 0, 0, "t"));
    ended("r2", 1, RunState.SUCCEEDED, trains("r2", 1, 1, "t"));
    Fact.DatasetWritten clean = dataset("credit.clean", 0, "t-clean");
    Fact.Snapshot snapshot = new Fact.Snapshot(Map.of("credit.clean@0", clean), Map.of(), Map.of());
    Fact.DatasetWritten made = dataset("credit.more", 4, "t-more");
    Lease lease = Lease.take(events, new LeaseRequest("credit", "r3"));
    lease
        .log()
        .commit(
            List.of(
                started(
                    "r3", 40, lease.token(), snapshot, "dataset:credit.raw", "dataset:credit.more"),
                stage("r3", "more", 40, List.of(read(clean)), List.of(made), List.of())));

    Pins live = pins(50);
    assertThat(held(live.of(CLEAN)))
        .containsExactly(
            tuple("dataset:credit.clean@0", "r3"), tuple("dataset:credit.clean@1", Pin.EVERYBODY));
    // What it makes it may use again, whatever version of it.
    assertThat(live.of(RAW))
        .extracting(pin -> pin.dataset().version(), Pin::holder, Pin::kind, Pin::why)
        .containsExactly(
            tuple(0L, "r3", Pin.Kind.LIVE_RUN, "a run of credit under way, which may use it again"),
            tuple(1L, Pin.EVERYBODY, Pin.Kind.LATEST, "the latest version"),
            tuple(
                1L, "r3", Pin.Kind.LIVE_RUN, "a run of credit under way, which may use it again"));
    assertThat(live.of(DatasetName.parse("credit.more")))
        .extracting(Pin::holder)
        .containsExactly(Pin.EVERYBODY, "r3");
    // Nothing of any dataset goes that is younger than the oldest run under way, or than a week.
    assertThat(live.untouchedSince(RAW)).isEqualTo(day(40));
    assertThat(live.untouchedSince(CLEAN)).isEqualTo(day(40));
    assertThat(pins(41).untouchedSince(CLEAN)).isEqualTo(day(34));

    lease.release(
        List.of(new Fact.RunFinished(day(50), day(40), "credit", "r3", RunState.FAILED, null)));
    Pins stopped = pins(60);
    assertThat(stopped.of(CLEAN).get(0))
        .extracting(Pin::holder, Pin::kind, Pin::why, Pin::since, Pin::until)
        .containsExactly(
            "r3",
            Pin.Kind.STOPPED_RUN,
            "a run of credit that was stopped by an error and can be resumed",
            day(40),
            day(80));
    assertThat(held(stopped.of(RAW))).containsExactly(tuple("dataset:credit.raw@1", Pin.EVERYBODY));
    // What it makes may lie there and be adopted once it goes on; others' files are not its.
    assertThat(stopped.untouchedSince(RAW)).isEqualTo(day(40));
    assertThat(stopped.untouchedSince(CLEAN)).isEqualTo(day(53));
    assertThat(held(pins(80).of(CLEAN)))
        .containsExactly(tuple("dataset:credit.clean@1", Pin.EVERYBODY));
    assertThat(pins(80).untouchedSince(RAW)).isEqualTo(day(73));
  }

  // --- What people give up

  @Test
  void aPinThatIsReleasedNoLongerCounts() {
    trained("r1", 0, 1, 0);
    trained("r2", 1, 2, 1);
    String holder = "model:credit.default@1";
    Fact.PinReleased released =
        PinRelease.of(pins(2), "credit.raw@0", holder, ADA, "no space", day(2));
    assertThat(released)
        .isEqualTo(new Fact.PinReleased(day(2), ADA, "dataset:credit.raw@0", holder, "no space"));
    events.append(List.of(released));

    assertThat(held(pins(3).of(RAW)))
        .containsExactly(
            tuple("dataset:credit.raw@1", Pin.EVERYBODY),
            tuple("dataset:credit.raw@1", "model:credit.default@2"));
    // Of the dataset that was made of it the pin still holds.
    assertThat(held(pins(3).of(CLEAN))).contains(tuple("dataset:credit.clean@0", holder));
    refused(
        "credit.raw@0",
        holder,
        "not-pinned",
        "Nothing pins dataset:credit.raw@0. See ./weir pins.");
  }

  @Test
  void whatCannotBeReleasedIsSaid() {
    trained("r1", 0, 1, 0);
    trained("r2", 1, 2, 1);
    refused(
        "credit.row@0",
        "x",
        "unknown-dataset",
        "There is no dataset 'credit.row'; did you mean 'credit.raw'? There are credit.clean, credit.evaluation, credit.raw.");
    refused(
        "dataset:credit.raw@7",
        "x",
        "unknown-version",
        "No stage has published version 7 of credit.raw. Its versions are 0, 1.");
    refused(
        "dataset:credit.raw@0",
        "model:credit.default@2",
        "not-pinned",
        "dataset:credit.raw@0 is not pinned for 'model:credit.default@2'; did you mean 'model:credit.default@1'? It is pinned for model:credit.default@1.");
    refused(
        "dataset:credit.raw@1",
        Pin.EVERYBODY,
        "pin-held",
        "dataset:credit.raw@1 is the latest version, which stays for everybody. Publish a newer one; this one then stays for those that name it.");
    refused(
        "model:credit.default@1",
        "x",
        "invalid-reference",
        "'model:credit.default@1' is no version of a dataset. Write it as dataset:credit.clean@3.");
    refused(
        "credit.raw",
        "x",
        "invalid-reference",
        "'dataset:credit.raw' names no version: write dataset:credit.raw@0. Write it as dataset:credit.clean@3.");
    try (Lease lease = Lease.take(events, new LeaseRequest("credit", "r3"))) {
      lease
          .log()
          .commit(
              List.of(started("r3", 2, lease.token(), Fact.Snapshot.NONE, "dataset:credit.raw")));
      refused(
          "dataset:credit.raw@0",
          "r3",
          "pin-held",
          "Run r3 is under way and needs dataset:credit.raw@0. Wait until it has ended, or cancel it: ./weir cancel r3.");
    }
  }

  private void refused(String reference, String holder, String code, String text) {
    assertThatThrownBy(() -> PinRelease.of(pins(3), reference, holder, ADA, "why", day(3)))
        .isInstanceOfSatisfying(
            WeirException.class,
            e -> {
              assertThat(e.text()).isEqualTo(text);
              assertThat(e.code()).isEqualTo(code);
            });
  }

  @Test
  void whatWasDeletedIsKnown() {
    trained("r1", 0, 1, 0);
    trained("r2", 1, 2, 1);
    assertThat(Deletions.of(LineageReader.open(events)).of("t-raw", 0)).isEmpty();
    Fact.FilesDeleted before =
        new Fact.FilesDeleted(
            day(3), ADA, "credit.raw", "p", "t-raw", List.of(0L), 0, 0, "no space");
    events.append(List.of(before));

    Deletions begun = pins(4).deletions();
    assertThat(begun.unfinished("t-raw")).containsExactly(0L);
    assertThat(begun.of(dataset("credit.raw", 0, "t-raw")))
        .get()
        .extracting(Deletions.Deletion::text)
        .isEqualTo("were deleted on 2026-01-04 by ada@ship: no space");
    assertThat(begun.of("t-raw", 1)).isEmpty();
    assertThat(begun.of("u-raw", 0)).isEmpty();
    assertThat(pins(4).of(RAW))
        .extracting(Pin::holder, Pin::gone)
        .contains(tuple("model:credit.default@1", true), tuple("model:credit.default@2", false));

    events.append(
        List.of(
            new Fact.FilesDeleted(
                day(4), ADA, "credit.raw", "p", "t-raw", List.of(), 2, 20, "no space")));
    LineageTables.of(events).update();
    Deletions ended = pins(5).deletions();
    assertThat(ended.unfinished("t-raw")).isEmpty();
    assertThat(ended.of("t-raw", 0)).isPresent();
    assertThat(events.deletions(-1, events.table().latestVersion()))
        .hasSize(2)
        .first()
        .isEqualTo(before);
  }
}
