package dev.weir.audit;

import dev.weir.background.Background;
import dev.weir.config.Retention;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.pin.Pins;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import dev.weir.store.Row;
import dev.weir.store.TableSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a home against its audit chain: the chain's own rows, the events that its seals cover, the
 * files of every model, and the dataset versions that are pinned. Reads only.
 */
public final class AuditVerification {
  private static final String ARTIFACTS = "models/artifacts";

  private final Events events;
  private final Home home;
  private final @Nullable AuditHead kept;
  private final AuditKey.@Nullable Public key;
  private final Retention retention;
  private final ExecutorService threads;
  private final List<Finding> findings = new ArrayList<>();

  private AuditVerification(
      Events events,
      @Nullable AuditHead kept,
      AuditKey.@Nullable Public key,
      Retention retention,
      ExecutorService threads) {
    this.events = events;
    this.home = events.home();
    this.kept = kept;
    this.key = key;
    this.retention = retention;
    this.threads = threads;
  }

  /**
   * Verifies a home.
   *
   * @param kept a head of the chain that was kept elsewhere, or null
   * @param key the public half of the key by which the chain is signed, or null
   * @param retention how long what models and runs came from has to be there
   */
  public static AuditReport of(
      Events events, @Nullable AuditHead kept, AuditKey.@Nullable Public key, Retention retention) {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            Background.threads("weir-audit"));
    try {
      return new AuditVerification(events, kept, key, retention, threads).verify();
    } finally {
      threads.shutdownNow();
    }
  }

  private AuditReport verify() {
    // In this order: what was sealed was committed before. By their logs as they are now, whatever
    // this process has seen of them before.
    DeltaTable chained = home.table(AuditTable.PATH);
    TableSnapshot audit = readable(() -> chained.find().isEmpty() ? null : chained.listed());
    TableSnapshot latest = readable(() -> events.table().listed());
    CompletableFuture<List<ChainCheck.Sink>> chainRows =
        audit == null
            ? CompletableFuture.completedFuture(List.of())
            : audit.read(AuditTable.COLUMNS, List.of(), ChainCheck.Sink::new, threads);
    CompletableFuture<List<EventsCheck.Sink>> eventRows =
        latest == null
            ? CompletableFuture.completedFuture(List.of())
            : latest.read(EventDigest.COLUMNS, List.of(), EventsCheck.Sink::new, threads);

    List<ChainCheck.Sink> readRows = readable(() -> Background.await(chainRows));
    ChainCheck chain = new ChainCheck(readRows == null ? List.of() : readRows);
    OptionalLong logged =
        audit == null ? OptionalLong.empty() : audit.transactionVersion(AuditTable.KEY);
    if (readRows != null) {
      chain.check(logged, kept, key);
      findings.addAll(chain.findings());
    }

    List<EventsCheck.Sink> readEvents = readable(() -> Background.await(eventRows));
    EventsCheck sealed = new EventsCheck(readEvents == null ? List.of() : readEvents);
    if (latest != null && readEvents != null && readRows != null) {
      sameTable(chain, latest);
      sealed.check(chain.links(), chain.complete(), since(chain.eventsVersion(), latest));
      findings.addAll(sealed.findings());
    }

    List<FittedModel> fitted = FittedModel.of(sealed.facts());
    CompletableFuture<List<ModelFilesCheck.Checked>> models = models(fitted);
    List<PinnedVersion> pinned =
        Objects.requireNonNullElse(
            readable(
                () ->
                    PinnedVersion.of(
                        Pins.of(LineageReader.open(events), retention, Instant.now()))),
            List.of());
    List<PinnedVersion> there = pinned.stream().filter(version -> !version.gone()).toList();
    CompletableFuture<List<Optional<Finding>>> datasets = all(there, this::unreadable);
    List<ModelFilesCheck.Checked> checked =
        Objects.requireNonNullElse(readable(() -> Background.await(models)), List.of());
    checked.forEach(model -> findings.addAll(model.findings()));
    Background.await(datasets).forEach(found -> found.ifPresent(findings::add));
    return new AuditReport(
        chain.head(),
        chain.links().size(),
        chain.signatures(),
        chain.checkedSignatures(),
        sealed.sealedEvents(),
        sealed.unsealedEvents(),
        checked.size(),
        checked.stream().mapToLong(ModelFilesCheck.Checked::files).sum(),
        there.size(),
        pinned.size() - there.size(),
        findings);
  }

  /** Does something; damage that it meets is a finding, and null comes of it. */
  private <T> @Nullable T readable(Supplier<@Nullable T> work) {
    try {
      return work.get();
    } catch (WeirException e) {
      if (e.kind() != ErrorKind.DATA && !e.code().equals("no-table")) {
        throw e;
      }
      findings.add(Finding.of(e));
      return null;
    }
  }

  /** The events after a version; empty where the commits are no longer told apart. */
  private Optional<List<Row>> since(long sealed, TableSnapshot latest) {
    try {
      return Optional.of(AuditChain.committed(events.table(), latest, sealed, latest.version()));
    } catch (WeirException e) {
      if (e.kind() != ErrorKind.DATA) {
        throw e;
      }
      if (!AuditChain.toldApartNoLonger(e)) {
        findings.add(Finding.of(e));
      }
      return Optional.empty();
    }
  }

  private void sameTable(ChainCheck chain, TableSnapshot latest) {
    long sealed = chain.eventsVersion();
    if (sealed > latest.version()) {
      findings.add(
          new Finding(
              "events-behind",
              "The chain covers version %d of lineage/events, which ends with version %d."
                  .formatted(sealed, latest.version()),
              "Its newest commits were removed, or it is an older copy: restore it from a backup."));
    }
    chain.links().stream()
        .map(ChainCheck.Link::seal)
        .filter(seal -> seal != null && !seal.eventsTable().equals(latest.tableId()))
        .findFirst()
        .ifPresent(
            seal ->
                findings.add(
                    new Finding(
                        "events-replaced",
                        "The chain seals events of the table %s, and lineage/events has the id %s."
                            .formatted(seal.eventsTable(), latest.tableId()),
                        "It was made anew: restore lineage/events from a backup.")));
  }

  private CompletableFuture<List<ModelFilesCheck.Checked>> models(List<FittedModel> fitted) {
    if (fitted.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    ModelFilesCheck check = readable(() -> new ModelFilesCheck(home.table(ARTIFACTS)));
    return check == null ? CompletableFuture.completedFuture(List.of()) : all(fitted, check::check);
  }

  private <A, B> CompletableFuture<List<B>> all(List<A> things, Function<A, B> work) {
    List<CompletableFuture<B>> working =
        things.stream()
            .map(thing -> CompletableFuture.supplyAsync(() -> work.apply(thing), threads))
            .toList();
    return CompletableFuture.allOf(working.toArray(CompletableFuture[]::new))
        .thenApply(done -> working.stream().map(CompletableFuture::join).toList());
  }

  /** Why a pinned version can't be read, if it can't. */
  private Optional<Finding> unreadable(PinnedVersion pinned) {
    DeltaTable table =
        home.table(
            "datasets/%s/%s"
                .formatted(pinned.dataset().name().namespace(), pinned.dataset().name().name()));
    String found;
    try {
      TableSnapshot at = table.at(pinned.dataset().version());
      List<String> damage = at.damage();
      if (!pinned.tableId().equals(at.tableId())) {
        found = "its table was dropped and made again";
      } else if (damage.isEmpty()) {
        return Optional.empty();
      } else {
        found = String.join("; ", damage);
      }
    } catch (WeirException e) {
      if (e.kind() != ErrorKind.DATA && !e.code().equals("no-table")) {
        throw e;
      }
      found = String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
    }
    return Optional.of(
        new Finding(
            "dataset-unreadable",
            "%s, can't be read: %s.".formatted(pinned.text(), found),
            "Restore the files from a backup: without them what was made from it can't be made again."));
  }

  /** A moment as people read it, in UTC. */
  static String time(long micros) {
    return Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000L)
        .toString();
  }
}
