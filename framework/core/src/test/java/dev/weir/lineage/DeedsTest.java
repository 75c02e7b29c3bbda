package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.store.Home;
import dev.weir.store.TransactionId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeedsTest {
  private static final Instant AT = Instant.parse("2026-01-02T10:00:00Z");
  private static final Actor ADA = new Actor("ada", "ship", null);

  private final Home home;
  private final Events events;
  private final Events other;

  DeedsTest(@TempDir Path folder) {
    this.home = Home.open(folder);
    this.events = Events.open(home);
    this.other = Events.open(Home.open(folder));
  }

  @AfterEach
  void close() {
    home.close();
    other.home().close();
  }

  private static Fact.AliasMoved move(String to) {
    return new Fact.AliasMoved(AT, ADA, "a.m", "champion", null, to, "why", null);
  }

  private static List<Integer> seen(LineageReader lineage) {
    return List.of(lineage.rows(LineageTable.ALIASES, List.of()).size());
  }

  @Test
  void itIsDecidedAgainWhereSomebodyDidSomethingMeanwhile() {
    List<List<Integer>> looks = new ArrayList<>();
    Fact.AliasMoved deed =
        Deeds.commit(
            events,
            "weir/alias/a.m/champion",
            lineage -> {
              looks.add(seen(lineage));
              if (looks.size() == 1) {
                // On something else, under another key: it may matter all the same.
                other.append(List.of(new Fact.ModelRetired(AT, ADA, "model:a.m@2", "old", null)));
                other.append(List.of(move("model:a.m@2")));
              }
              return move("model:a.m@" + looks.size());
            });
    assertThat(looks).containsExactly(List.of(0), List.of(1));
    assertThat(deed.to()).isEqualTo("model:a.m@2");
    assertThat(seen(LineageReader.open(events))).containsExactly(2);
    assertThat(events.table().transactionVersion("weir/alias/a.m/champion")).hasValue(1);
  }

  @Test
  void whatRunsSayMeanwhileChangesNothing() {
    List<List<Integer>> looks = new ArrayList<>();
    Deeds.commit(
        events,
        "k",
        lineage -> {
          looks.add(seen(lineage));
          other
              .table()
              .append(
                  Events.rows(List.of(new Fact.Heartbeat(AT, "p", "r"))),
                  Optional.of(new TransactionId("weir/p", 1)));
          return move("model:a.m@1");
        });
    assertThat(looks).hasSize(1);
    assertThat(seen(LineageReader.open(events))).containsExactly(1);
  }

  @Test
  void whatMayNotBeDoneIsNotCommitted() {
    long before = events.table().latestVersion();
    assertThatThrownBy(
            () ->
                Deeds.commit(
                    events,
                    "k",
                    lineage -> {
                      throw WeirException.user("no", "It may not be.", "");
                    }))
        .hasMessage("It may not be.");
    assertThat(events.table().latestVersion()).isEqualTo(before);
    assertThat(events.table().transactionVersion("k")).isEmpty();
  }

  @Test
  void timesFollowTheOrderOfTheCommits() {
    Instant now = Instant.parse("2026-01-02T10:00:00.123456789Z");
    assertThat(Deeds.after(now, null)).isEqualTo("2026-01-02T10:00:00.123456Z");
    assertThat(Deeds.after(now, AT)).isEqualTo("2026-01-02T10:00:00.123456Z");
    // Whoever did the last thing has a clock that is ahead.
    assertThat(Deeds.after(now, now.plusSeconds(5))).isAfter(now.plusSeconds(5));
    Instant cut = Instant.parse("2026-01-02T10:00:00.123456Z");
    assertThat(Deeds.after(now, cut)).isEqualTo("2026-01-02T10:00:00.123457Z");
  }

  @Test
  void aReasonSaysSomething() {
    assertThat(Deeds.reason(" it is good ")).isEqualTo("it is good");
    assertThatThrownBy(() -> Deeds.reason(" \n"))
        .isInstanceOf(WeirException.class)
        .hasMessage("The reason is empty.");
  }

  @Test
  void tablesOfAnOlderWeirAreBroughtUpToDateBeforeTheyAreRead() {
    other.append(List.of(move("model:a.m@1")));
    LineageTables tables = LineageTables.of(events);
    tables.update();
    Progress now = tables.progress().orElseThrow();
    Map<String, Progress.State> older = new TreeMap<>(now.tables());
    older.remove(LineageTable.ALIASES.tableName());
    home.store().drop(tables.table(LineageTable.ALIASES));
    long next = events.append(List.of());
    home.table(Progress.PATH)
        .append(
            List.of(new Progress(next, older, List.of()).row(AT)),
            Optional.of(new TransactionId(LineageTables.KEY, next)));

    assertThat(seen(LineageReader.open(events))).containsExactly(1);
    assertThat(tables.update().versions()).containsKey("aliases");
  }
}
