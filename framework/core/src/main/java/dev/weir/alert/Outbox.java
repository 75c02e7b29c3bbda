package dev.weir.alert;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.weir.config.AlertKind;
import dev.weir.config.AlertRoute;
import dev.weir.config.AlertSettings;
import dev.weir.config.AlertSeverity;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import dev.weir.store.ConflictException;
import dev.weir.store.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alerts that a home's lineage holds, and their way out of it: what is raised is a fact first,
 * then it is sent beside whatever else goes on, and what came of that is a fact again. So a process
 * that dies at any moment loses none; one that dies between the sending and its fact has the next
 * send the same again.
 */
public final class Outbox implements Alerting {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  /** How long a run that succeeded may be held up. */
  private static final Duration SHORT = Duration.ofMillis(100);

  /** How often a run's process tries a delivery that may go with another try. */
  private static final int TRIES = 3;

  private static final Duration BACKOFF = Duration.ofMillis(500);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(4);

  private static final int LONGEST_MESSAGE = 4000;

  private final Events events;
  private final AlertSettings settings;
  private final Courier courier;
  private final Consumer<String> say;
  private final int tries;

  /** What this process raised, for where the lineage can't be read. */
  private final List<Fact.AlertRaised> own = new ArrayList<>();

  /** What this process has done with, whether or not it could say so. */
  private final Set<String> done = ConcurrentHashMap.newKeySet();

  private final List<String> failures = new ArrayList<>();
  private @Nullable CompletableFuture<AlertBook> looked;
  private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);

  private Outbox(
      Events events, AlertSettings settings, Courier courier, Consumer<String> say, int tries) {
    this.events = events;
    this.settings = settings;
    this.courier = courier;
    this.say = say;
    this.tries = tries;
  }

  /**
   * The outbox of a home for a run.
   *
   * @param environment the process's environment variables
   * @param say told in a line what could not be delivered
   */
  public static Alerting of(
      Events events,
      @Nullable AlertSettings settings,
      Map<String, String> environment,
      Consumer<String> say) {
    return settings == null
        ? Alerting.logging()
        : new Outbox(events, settings, courier(events, settings, environment), say, TRIES);
  }

  private static Courier courier(
      Events events, AlertSettings settings, Map<String, String> environment) {
    return new Courier(settings, environment, events.home().path());
  }

  /**
   * Delivers what others have left, each once, and raises alerts of runs whose processes are dead.
   * Returns when that is done, or the settings' patience is over.
   */
  public static void clear(
      Events events,
      AlertSettings settings,
      Map<String, String> environment,
      Consumer<String> say) {
    Outbox outbox = new Outbox(events, settings, courier(events, settings, environment), say, 1);
    try {
      outbox.findDead();
    } catch (RuntimeException e) {
      LOG.warn("Could not look for runs whose processes are dead", e);
    }
    outbox.deliver();
    outbox.await(false);
  }

  // --- What is raised

  @Override
  public List<Fact> facts(Occasion occasion) {
    try {
      if (occasion instanceof Occasion.Trouble trouble) {
        LOG.error("{}", AlertText.logged(trouble));
        return kept(raise(trouble, book()));
      }
      return recovery((Occasion.Success) occasion);
    } catch (RuntimeException e) {
      LOG.warn("Could not raise an alert", e);
      return List.of();
    }
  }

  private synchronized List<Fact> kept(Fact.AlertRaised raised) {
    own.add(raised);
    return List.of(raised);
  }

  /** What the lineage says; where it can't be read, nothing is known, and all is told. */
  private @Nullable AlertBook book() {
    try {
      return AlertBook.of(LineageReader.open(events));
    } catch (RuntimeException e) {
      LOG.warn("Could not read which alerts there are", e);
      return null;
    }
  }

  private Fact.AlertRaised raise(Occasion.Trouble trouble, @Nullable AlertBook book) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    String identity = trouble.identity();
    Optional<Alert> before =
        book == null ? Optional.empty() : book.same(trouble.pipeline(), identity, now);
    Instant began = trouble.began().truncatedTo(ChronoUnit.MICROS);
    String message = trouble.message();
    return new Fact.AlertRaised(
        now,
        trouble.pipeline(),
        trouble.run(),
        trouble.stage(),
        trouble.attempt(),
        before.map(Alert::id).orElseGet(() -> id(identity, trouble.run(), now)),
        before.map(alert -> alert.last().times() + 1).orElse(1),
        trouble.kind(),
        trouble.severity(),
        identity,
        trouble.subject(),
        message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) + " …" : message,
        trouble.checks(),
        owner(trouble),
        before.map(alert -> alert.first().since()).orElse(began),
        quiet(trouble, before, book, now) ? List.of() : routes(trouble),
        List.of());
  }

  /**
   * Who answers for the checks that failed; for those of nobody, whoever answers for the pipeline.
   */
  private @Nullable String owner(Occasion.Trouble trouble) {
    String fallback = settings.owner(trouble.pipeline());
    if (trouble.checks().isEmpty()) {
      return fallback;
    }
    String owners =
        trouble.checks().stream()
            .map(check -> check.owner() == null ? fallback : check.owner())
            .filter(Objects::nonNull)
            .distinct()
            .collect(Collectors.joining(", "));
    return owners.isEmpty() ? null : owners;
  }

  private static String id(String identity, String run, Instant now) {
    return Sha256.of(identity + "/" + run + "/" + now).substring(0, 8);
  }

  /** Whether trouble is only counted: somebody knows of it, or was told a short while ago. */
  private boolean quiet(
      Occasion.Trouble trouble, Optional<Alert> before, @Nullable AlertBook book, Instant now) {
    Instant snoozed = book == null ? null : book.snoozed(trouble.pipeline());
    if (snoozed != null && snoozed.isAfter(now)) {
      return true;
    }
    return before.isPresent()
        && (before.get().state(now) != Alert.State.OPEN
            || before
                .get()
                .sentAt()
                .filter(at -> now.isBefore(at.plus(settings.repeat())))
                .isPresent());
  }

  private List<String> routes(Occasion.Trouble trouble) {
    return settings.routes().stream()
        .filter(route -> route.when().fits(trouble.pipeline(), trouble.severity(), trouble.kind()))
        .map(AlertRoute::title)
        .toList();
  }

  /** Tells of trouble's end those who were told of the trouble. */
  private List<Fact> recovery(Occasion.Success success) {
    String pipeline = success.end().pipeline();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    if (nothingWasOpen(pipeline, now)) {
      return List.of();
    }
    AlertBook book = book();
    List<Alert> over =
        book == null
            ? List.of()
            : book.open(pipeline, now).stream()
                .filter(alert -> success.settles(alert.first().stage()))
                .toList();
    if (over.isEmpty()) {
      return List.of();
    }
    String was =
        over.stream()
            .map(
                alert ->
                    "%s (alert %s%s)"
                        .formatted(
                            new AlertText(alert.last(), "")
                                .title()
                                .substring(pipeline.length() + 2),
                            alert.id(),
                            alert.last().times() == 1
                                ? ""
                                : ", %d times".formatted(alert.last().times())))
            .collect(Collectors.joining("; "));
    return kept(
        new Fact.AlertRaised(
            now,
            pipeline,
            success.end().run(),
            null,
            null,
            id("recovered", success.end().run(), now),
            1,
            AlertKind.RECOVERED,
            AlertSeverity.INFO,
            pipeline + "/RECOVERED",
            pipeline,
            "Run %s succeeded. Over is: %s.".formatted(success.end().run(), was),
            List.of(),
            settings.owner(pipeline),
            over.stream().map(alert -> alert.first().since()).min(Instant::compareTo).orElse(now),
            over.stream().flatMap(alert -> alert.routes().stream()).distinct().sorted().toList(),
            over.stream().map(Alert::id).toList()));
  }

  /** Whether the first look tells already that there is nothing to recover from. */
  private boolean nothingWasOpen(String pipeline, Instant now) {
    CompletableFuture<AlertBook> first;
    synchronized (this) {
      if (!own.isEmpty() || looked == null) {
        return false;
      }
      first = looked;
    }
    return first
        .handle((book, error) -> error == null && book.open(pipeline, now).isEmpty())
        .join();
  }

  /** Raises alerts of runs that nobody runs any more and nobody has told of. */
  private void findDead() {
    for (int tried = 0; tried < TRIES; tried++) {
      LineageReader lineage = LineageReader.open(events);
      List<RunView> dead =
          lineage.openRuns().stream().filter(run -> run.state() == RunState.INTERRUPTED).toList();
      if (dead.isEmpty()) {
        return;
      }
      AlertBook book = AlertBook.of(lineage);
      List<Fact.AlertRaised> raised =
          dead.stream()
              .filter(run -> !told(book, run))
              .map(
                  run ->
                      raise(
                          Occasion.Trouble.died(
                              lastSeen(run),
                              run.pipeline(),
                              run.run(),
                              "Nobody goes on with run %s: its process is gone. It was last heard of at %s."
                                  .formatted(
                                      run.run(), lastSeen(run).truncatedTo(ChronoUnit.SECONDS)),
                              false),
                          book))
              .toList();
      if (raised.isEmpty()) {
        return;
      }
      try {
        lineage.tell(raised);
        raised.forEach(alert -> LOG.error("{}: {}", alert.pipeline(), alert.message()));
        return;
      } catch (ConflictException e) {
        LOG.debug("Others said something meanwhile; looking again");
      }
    }
  }

  private static boolean told(AlertBook book, RunView run) {
    return book.all().stream()
        .flatMap(alert -> alert.raised().stream())
        .anyMatch(
            raised ->
                raised.kind() == AlertKind.RUN_DIED
                    && raised.run().equals(run.run())
                    && raised.at().isAfter(lastSeen(run)));
  }

  private static Instant lastSeen(RunView run) {
    return Objects.requireNonNullElse(run.lastSeenAt(), run.startedAt());
  }

  // --- What is delivered

  /** Threads that keep no process from ending. */
  private static final class Threads implements Executor {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    static final Threads ALL = new Threads();

    @Override
    public void execute(Runnable task) {
      Thread thread = new Thread(task, "weir-alerts-" + NUMBER.incrementAndGet());
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public synchronized void deliver() {
    CompletableFuture<AlertBook> look = new CompletableFuture<>();
    if (looked == null) {
      looked = look;
    }
    underWay = underWay.thenRunAsync(() -> deliverAll(look), Threads.ALL);
  }

  /** Something to be delivered. */
  private record Parcel(Fact.AlertRaised alert, String route, int attempts) {
    String key() {
      return "%s/%d/%s".formatted(alert.alert(), alert.times(), route);
    }
  }

  private void deliverAll(CompletableFuture<AlertBook> look) {
    try {
      Map<String, List<Parcel>> parcels = new TreeMap<>();
      for (Parcel parcel : pending(look)) {
        parcels.computeIfAbsent(parcel.route(), route -> new ArrayList<>()).add(parcel);
      }
      // One that does not answer holds up no other.
      CompletableFuture.allOf(
              parcels.values().stream()
                  .map(
                      those ->
                          CompletableFuture.runAsync(
                              () -> those.forEach(this::deliver), Threads.ALL))
                  .toArray(CompletableFuture[]::new))
          .join();
    } catch (RuntimeException e) {
      LOG.warn("Alerts could not be delivered; the next command will", e);
      failed("the lineage", String.valueOf(e.getMessage()));
    }
  }

  private List<Parcel> pending(CompletableFuture<AlertBook> look) {
    List<Parcel> parcels = new ArrayList<>();
    try {
      AlertBook book = AlertBook.of(LineageReader.open(events));
      look.complete(book);
      Instant now = Instant.now();
      for (Alert alert : book.all()) {
        Alert.State state = alert.state(now);
        if (state == Alert.State.ACKNOWLEDGED || state == Alert.State.SNOOZED) {
          continue;
        }
        alert
            .pending()
            .forEach(
                (route, raised) ->
                    parcels.add(
                        new Parcel(
                            raised,
                            route,
                            Objects.requireNonNull(alert.deliveries().get(route)).attempts())));
      }
    } catch (RuntimeException e) {
      look.completeExceptionally(e);
      // That the home can't be read is trouble too: what this process knows of is told.
      LOG.warn("Could not read which alerts there are", e);
      synchronized (this) {
        own.forEach(
            alert -> alert.routes().forEach(route -> parcels.add(new Parcel(alert, route, 0))));
      }
    }
    return parcels;
  }

  private void deliver(Parcel parcel) {
    if (done.contains(parcel.key())) {
      return;
    }
    Fact.AlertRaised alert = parcel.alert();
    Optional<AlertRoute> route = settings.route(parcel.route());
    if (route.isEmpty()) {
      tell(
          failure(
              parcel, parcel.attempts(), "no route is called so any more in conf/weir.yaml", true));
      return;
    }
    AtomicInteger tried = new AtomicInteger(parcel.attempts());
    try {
      Failsafe.with(policy(parcel.attempts()))
          .run(
              () -> {
                tried.incrementAndGet();
                courier.take(route.get(), alert);
              });
      done.add(parcel.key());
      tell(
          new Fact.AlertDelivered(
              Instant.now(),
              alert.pipeline(),
              alert.run(),
              alert.alert(),
              alert.times(),
              parcel.route()));
    } catch (FailsafeException e) {
      String error = String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
      boolean gaveUp = tried.get() >= settings.attempts();
      failed(
          parcel.route(), error + (gaveUp ? "; it is given up" : "; the next command tries again"));
      tell(failure(parcel, tried.get(), error, gaveUp));
    }
  }

  private RetryPolicy<Object> policy(int attempts) {
    return RetryPolicy.builder()
        .handle(DeliveryException.class)
        .abortOn(error -> error instanceof DeliveryException known && !known.passing())
        .withMaxAttempts(Math.max(1, Math.min(tries, settings.attempts() - attempts)))
        .withBackoff(BACKOFF, MAX_BACKOFF)
        .withJitter(0.25)
        .build();
  }

  private static Fact.AlertFailed failure(
      Parcel parcel, int attempts, String error, boolean gaveUp) {
    Fact.AlertRaised alert = parcel.alert();
    return new Fact.AlertFailed(
        Instant.now(),
        alert.pipeline(),
        alert.run(),
        alert.alert(),
        alert.times(),
        parcel.route(),
        attempts,
        error,
        gaveUp);
  }

  private void tell(Fact.Alert fact) {
    try {
      var unused = events.tell(List.of(fact));
    } catch (RuntimeException e) {
      LOG.warn("What came of alert {} could not be recorded", fact.alert(), e);
    }
  }

  private synchronized void failed(String route, String error) {
    failures.add("%s: %s".formatted(route, error));
  }

  @Override
  public void await(boolean well) {
    boolean late = false;
    Duration limit = well ? SHORT : settings.patience();
    CompletableFuture<Void> last;
    synchronized (this) {
      last = underWay;
    }
    try {
      last.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      late = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      LOG.warn("Alerts could not be delivered; the next command will", e);
    }
    report(late && !well, limit);
  }

  private synchronized void report(boolean late, Duration limit) {
    if (!failures.isEmpty()) {
      String more = failures.size() == 1 ? "" : ", and %d more".formatted(failures.size() - 1);
      say.accept(
          "An alert was not delivered by %s%s. See ./weir alerts."
              .formatted(failures.get(0), more));
      failures.clear();
    } else if (late) {
      say.accept(
          "Alerts are still on their way after %d ms; the next command delivers what is left."
              .formatted(limit.toMillis()));
    }
  }
}
