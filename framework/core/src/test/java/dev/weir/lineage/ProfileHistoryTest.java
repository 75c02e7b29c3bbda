package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.artifact.DatasetName;
import dev.weir.error.WeirException;
import dev.weir.profile.ColumnAccumulator;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Figure;
import dev.weir.profile.ValueKind;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a version is held against, as its facts are read back from the tables. */
class ProfileHistoryTest {
  private static final Instant BEGAN = Instant.parse("2026-03-02T10:00:00Z");
  private static final DatasetName NAME = DatasetName.parse("a.b");
  private static final Actor ADA = new Actor("ada", "ship", null);
  private static final Figure MEAN = Figure.parse("x.mean");

  private final Home home;
  private final Events events;
  private int said;

  ProfileHistoryTest(@TempDir Path folder) {
    home = Home.open(folder);
    events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  private void say(Fact fact) {
    events.table().append(Events.rows(List.of(fact)));
  }

  private static DatasetProfile profile(double... values) {
    ColumnAccumulator column = ColumnAccumulator.of("x", "double", ValueKind.REAL);
    for (double value : values) {
      column.update(value);
    }
    return new DatasetProfile(values.length, List.of(column.profile())).withBytes(1000L);
  }

  private void look(
      long version, String table, boolean accepted, @Nullable String part, double... values) {
    say(
        new Fact.DatasetProfiled(
            BEGAN.plus(++said, ChronoUnit.MINUTES),
            "p",
            "r" + said,
            "validate",
            1,
            "dataset:a.b@" + version,
            table,
            accepted,
            profile(values).json(),
            part,
            BEGAN.plus(version, ChronoUnit.DAYS)));
  }

  private ProfileHistory history() {
    return ProfileHistory.of(LineageReader.open(events), NAME, "t1");
  }

  private List<String> before(long version, String figure, @Nullable String part) {
    Figure asked = Figure.parse(figure);
    return history().before(version, asked, part).stream()
        .map(
            past ->
                "%d: %s"
                    .formatted(past.version().version(), asked.of(past.profile()).orElseThrow()))
        .toList();
  }

  @Test
  void learnsOfAcceptedVersionsOfTheSameTableThatCameBefore() {
    look(0, "t0", true, null, 9);
    look(0, "t1", true, null, 1);
    look(1, "t1", false, null, 50);
    look(2, "t1", true, null, 2, 4);
    look(3, "t1", true, null, 5);
    // Looked into again, by other rules.
    look(2, "t1", true, null, 2, 6);
    look(2, "t1", true, "region=north", 7);
    LineageTables.of(events).update();

    assertThat(before(3, "x.mean", null)).containsExactly("0: 1.0", "2: 4.0");
    assertThat(before(9, "rows", null)).containsExactly("0: 1.0", "2: 2.0", "3: 1.0");
    assertThat(before(9, "bytes", null)).containsExactly("0: 1000.0", "2: 1000.0", "3: 1000.0");
    assertThat(before(9, "x.mean", "region=north")).containsExactly("2: 7.0");
    assertThat(before(9, "y.mean", null)).isEmpty();
    assertThat(history().before(3, MEAN, null).get(1).at())
        .isEqualTo(BEGAN.plus(2, ChronoUnit.DAYS));
    assertThat(history().newestAccepted(3).orElseThrow().version().version()).isEqualTo(2);
    assertThat(history().newestAccepted(3).orElseThrow().profile()).isEqualTo(profile(2, 6));
    assertThat(history().version(1).orElseThrow().profile().columns()).hasSize(1);
    assertThat(history().version(7)).isEmpty();
  }

  @Test
  void aNewNormalEndsTheHistoryBeforeItAndBeginsAnother() {
    look(0, "t1", true, null, 1);
    look(1, "t1", true, null, 2);
    look(2, "t1", false, null, 50);

    Fact.BaselineAccepted accepted =
        BaselineDeeds.accept(events, NAME, null, List.of(MEAN, MEAN), ADA, "a new price list");
    assertThat(accepted.reference()).isEqualTo("dataset:a.b@2");
    assertThat(accepted.tableId()).isEqualTo("t1");
    assertThat(accepted.figures()).containsExactly("x.mean");
    look(3, "t1", true, null, 51);
    LineageTables.of(events).update();

    // The halted version itself is where the new normal begins.
    assertThat(before(4, "x.mean", null)).containsExactly("2: 50.0", "3: 51.0");
    assertThat(before(4, "rows", null)).containsExactly("0: 1.0", "1: 1.0", "3: 1.0");
    assertThat(before(2, "x.mean", null)).containsExactly("0: 1.0", "1: 2.0");
    assertThat(history().baselines().baseline(2, MEAN).orElseThrow().reason())
        .isEqualTo("a new price list");
    assertThat(history().baselines().baseline(2, Figure.parse("rows"))).isEmpty();
    assertThat(history().baselines().baseline(3, MEAN)).isEmpty();

    BaselineDeeds.accept(events, NAME, 3L, List.of(), ADA, "all of it");
    assertThat(before(4, "rows", null)).containsExactly("3: 1.0");
    assertThat(before(4, "x.mean", null)).containsExactly("3: 51.0");
  }

  @Test
  void whatIsNotKnownIsNoBaseline() {
    assertThatThrownBy(() -> BaselineDeeds.accept(events, NAME, null, List.of(), ADA, "why"))
        .isInstanceOf(WeirException.class)
        .hasMessage("There is no dataset a.b in the home.");
    look(4, "t1", true, null, 1);
    assertThatThrownBy(() -> BaselineDeeds.accept(events, NAME, 5L, List.of(), ADA, "why"))
        .isInstanceOf(WeirException.class)
        .hasMessage("There is no profile of dataset:a.b@5.")
        .extracting(error -> ((WeirException) error).text())
        .asString()
        .contains("The newest that was looked into is dataset:a.b@4.");
    assertThatThrownBy(
            () ->
                BaselineDeeds.accept(
                    events, NAME, null, List.of(Figure.parse("xx.mean")), ADA, "why"))
        .isInstanceOf(WeirException.class)
        .hasMessageStartingWith("xx.mean is of column 'xx', which the dataset does not have");
  }
}
