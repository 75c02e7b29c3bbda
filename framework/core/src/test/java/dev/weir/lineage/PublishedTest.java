package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.artifact.DatasetName;
import dev.weir.store.Home;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PublishedTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  private static Fact stage(int second, long version, String table) {
    Instant at = AT.plusSeconds(second);
    return new Fact.StageFinished(
        at,
        at,
        "credit",
        "r1",
        "make" + second,
        1,
        "dev.weir.Make",
        StageState.SUCCEEDED,
        List.of(),
        List.of(
            new Fact.DatasetWritten("into", "dataset:t.x@" + version, table, "/x", 1, "d", "{}")),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        null);
  }

  @Test
  void aTableMadeAgainIsTheLatestThoughItsVersionsStartFromNothing(@TempDir Path folder) {
    try (Home home = Home.open(folder)) {
      Events events = Events.open(home);
      LeaseRequest request =
          new LeaseRequest("credit", "r1", Holder.current(), Duration.ofSeconds(15));
      try (Lease lease = Lease.take(events, request)) {
        lease.log().commit(List.of(stage(1, 5, "old"), stage(2, 0, "new")));
      }

      Published published = Published.of(home);

      DatasetName name = DatasetName.parse("t.x");
      assertThat(published.dataset(name, null))
          .get()
          .extracting(Fact.DatasetWritten::tableId)
          .isEqualTo("new");
      assertThat(published.datasets().get(name).reference()).isEqualTo("dataset:t.x@0");
      assertThat(published.dataset(name, 5L))
          .get()
          .extracting(Fact.DatasetWritten::tableId)
          .isEqualTo("old");
    }
  }
}
