package dev.weir.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.artifact.ModelName;
import dev.weir.artifact.ModelVersion;
import dev.weir.error.WeirException;
import dev.weir.store.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventLogTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  private final Path folder;
  private final Home home;
  private final Events events;

  EventLogTest(@TempDir Path folder) {
    this.folder = folder;
    this.home = Home.open(folder);
    this.events = Events.open(home);
  }

  @AfterEach
  void close() {
    home.close();
  }

  private static Fact fact(String pipeline, int number) {
    return new Fact.StageStarted(
        AT.plusSeconds(number), pipeline, "r", "s" + number, 1, "T", "{}", null, null);
  }

  @Test
  void whatIsSubmittedMeanwhileGoesIntoOneCommit() {
    int submits = 400;
    long before;
    try (Lease lease = Lease.take(events, new LeaseRequest("credit", "r"))) {
      before = events.table().latestVersion();
      List<CompletableFuture<Long>> committed =
          IntStream.range(0, submits)
              .mapToObj(i -> lease.log().submit(List.of(fact("credit", i))))
              .toList();
      CompletableFuture.allOf(committed.toArray(CompletableFuture[]::new)).join();
      long commits = events.table().latestVersion() - before;
      System.out.printf("%d submits in %d commits%n", submits, commits);
      assertThat(commits).isLessThan(submits / 4);
      assertThat(committed.get(submits - 1).join()).isEqualTo(before + commits);
    }
    List<Fact> found =
        events.between(before, events.table().latestVersion()).stream()
            .map(CommittedFact::fact)
            .toList();
    assertThat(found)
        .isEqualTo(IntStream.range(0, submits).mapToObj(i -> fact("credit", i)).toList());
  }

  @Test
  void closingCommitsWhatWasSubmitted() {
    Lease lease = Lease.take(events, new LeaseRequest("credit", "r"));
    CompletableFuture<Long> submitted = lease.log().submit(List.of(fact("credit", 1)));
    lease.close();
    assertThat(submitted).isCompleted();
    assertThat(Events.ofRun(events.table().latest(), "r")).contains(fact("credit", 1));
    assertThatThrownBy(() -> lease.log().commit(List.of(fact("credit", 2))))
        .isInstanceOf(WeirException.class)
        .hasMessage("Run r gave its lease up and has no more to say.");
    lease.close();
  }

  @Test
  void writersOfSeveralPipelinesLoseNothing() throws Exception {
    int writers = 4;
    int each = 12;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Future<?>> done = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      String pipeline = "p" + writer;
      done.add(
          threads.submit(
              () -> {
                try (Home own = Home.open(folder);
                    Lease lease =
                        Lease.take(
                            Events.open(own), new LeaseRequest(pipeline, "run-" + pipeline))) {
                  for (int i = 0; i < each; i++) {
                    lease.log().commit(List.of(fact(pipeline, i)));
                  }
                }
              }));
    }
    for (Future<?> future : done) {
      future.get();
    }
    threads.shutdown();
    List<Fact> all = Events.all(events.table().latest());
    for (int writer = 0; writer < writers; writer++) {
      String pipeline = "p" + writer;
      assertThat(
              all.stream()
                  .filter(fact -> fact.pipeline().equals(pipeline))
                  .filter(Fact.StageStarted.class::isInstance))
          .containsExactlyElementsOf(
              IntStream.range(0, each).mapToObj(i -> fact(pipeline, i)).toList());
    }
  }

  @Test
  void aHolderWithNothingToSayGivesSignsOfLife() {
    LeaseRequest request = new LeaseRequest("credit", "r", Holder.current(), Duration.ofMillis(60));
    try (Lease lease = Lease.take(events, request)) {
      long number = (lease.token() << 32) + 3;
      // Its commits are waited for, each after a third of the lease's length.
      assertThat(
              IntStream.range(0, 10_000)
                  .mapToLong(i -> events.table().transactionVersion("weir/credit").orElse(0))
                  .anyMatch(found -> found >= number))
          .isTrue();
    }
    assertThat(Events.ofRun(events.table().latest(), "r"))
        .hasAtLeastOneElementOfType(Fact.Heartbeat.class);
  }

  @Test
  void whatCanNotBeCommittedFailsAndWhatFollowsMayYetBe() throws IOException {
    try (Lease lease = Lease.take(events, new LeaseRequest("credit", "r"))) {
      Path table = folder.resolve("lineage/events");
      Path aside = folder.resolve("lineage/aside");
      Files.move(table, aside);
      // A file where the table's folder was: nothing can be written below it.
      Files.createFile(table);
      assertThatThrownBy(() -> lease.log().commit(List.of(fact("credit", 1))))
          .isInstanceOf(WeirException.class)
          .hasMessageStartingWith("Could not ")
          .hasMessageContaining(table.toString());
      Files.delete(table);
      Files.move(aside, table);
      lease.log().commit(List.of(fact("credit", 2)));
    }
    assertThat(Events.ofRun(events.table().latest(), "r"))
        .contains(fact("credit", 2))
        .doesNotContain(fact("credit", 1));
  }

  private static List<Fact> registered(String run, int number) {
    return List.of(
        new Fact.ModelRegistered(
            AT,
            "credit",
            run,
            "register",
            1,
            "model:credit.default@" + number,
            "candidate:credit.default@" + run,
            null,
            "d"));
  }

  @Test
  void modelsGetTheNextNumberAndEachStageOnlyOne() throws Exception {
    ModelName model = ModelName.parse("credit.default");
    try (Lease lease = Lease.take(events, new LeaseRequest("credit", "r1"))) {
      for (int time = 0; time < 2; time++) {
        assertThat(
                Registrations.register(
                    events, lease, model, "r1", "register", n -> registered("r1", n)))
            .isEqualTo(new ModelVersion(model, 1));
      }
    }
    int writers = 4;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Future<Integer>> numbers = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      String run = "w" + writer;
      numbers.add(
          threads.submit(
              () -> {
                try (Home own = Home.open(folder)) {
                  Events ownEvents = Events.open(own);
                  try (Lease lease = Lease.take(ownEvents, new LeaseRequest(run, run))) {
                    return Registrations.register(
                            ownEvents, lease, model, run, "register", n -> registered(run, n))
                        .number();
                  }
                }
              }));
    }
    List<Integer> found = new ArrayList<>();
    for (Future<Integer> number : numbers) {
      found.add(number.get());
    }
    threads.shutdown();
    assertThat(found).containsExactlyInAnyOrder(2, 3, 4, 5);
    assertThat(events.table().transactionVersion("weir/model/credit.default")).hasValue(5L << 32);
  }

  @Test
  void factsThatDoNotNameTheRegistrationAreRefused() {
    ModelName model = ModelName.parse("credit.default");
    try (Lease lease = Lease.take(events, new LeaseRequest("credit", "r1"))) {
      assertThatThrownBy(
              () -> Registrations.register(events, lease, model, "r1", "register", n -> List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The facts do not say that stage register of run r1 registered model:credit.default@1");
    }
  }

  @Test
  void aDriverThatLostItsLeaseRegistersNothing() {
    ModelName model = ModelName.parse("credit.default");
    Lease lost = Lease.take(events, new LeaseRequest("credit", "r1"));
    lost.close();
    try (Lease now = Lease.take(events, new LeaseRequest("credit", "r2"))) {
      assertThatThrownBy(
              () ->
                  Registrations.register(
                      events, lost, model, "r1", "register", n -> registered("r1", n)))
          .isInstanceOf(WeirException.class)
          .hasMessageContaining("Run r1 lost the lease of pipeline credit");
      assertThat(events.table().transactionVersion("weir/model/credit.default")).isEmpty();
      assertThat(now.token()).isEqualTo(2);
    }
  }
}
