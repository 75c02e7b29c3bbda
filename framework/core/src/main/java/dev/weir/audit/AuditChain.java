package dev.weir.audit;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Facts;
import dev.weir.store.CommitEntry;
import dev.weir.store.ConflictException;
import dev.weir.store.DeltaTable;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import dev.weir.store.TableSnapshot;
import dev.weir.store.TransactionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit chain of a home. Each row carries the hash of the row before, so that none can be
 * changed, taken out or put in without all after it being made anew; and each range of events ends
 * in a seal that holds the digest of every one of them.
 *
 * <p>A commit carries the transaction id {@code weir/audit} with the number of its last row, and is
 * made only if the table stands as it was read: of two who extend the chain one is refused, and
 * looks again.
 */
public final class AuditChain {
  private static final Logger LOG = LoggerFactory.getLogger(AuditChain.class);

  /** The kinds of events that are given rows of their own: few, and the only ones worth reading. */
  private static final Set<String> KINDS = kinds();

  /** About how many characters of a seal's body are enough for one row. */
  private static final int SEAL_CHARACTERS = 1_000_000;

  /** How many commits of the events are read at once: a home may be older than its chain. */
  private static final long COMMITS = 1_000;

  private final Events events;
  private final @Nullable AuditKey key;
  private final Actor actor;
  private final DeltaTable table;
  private final int sealCharacters;

  AuditChain(Events events, @Nullable AuditKey key, Actor actor, int sealCharacters) {
    this.events = events;
    this.key = key;
    this.actor = actor;
    this.table = events.home().table(AuditTable.PATH);
    this.sealCharacters = sealCharacters;
  }

  /**
   * The chain of a home, to be extended in the name of this process.
   *
   * @param key by which heads are signed, if at all
   */
  public static AuditChain of(Events events, Optional<AuditKey> key) {
    return new AuditChain(
        events, key.orElse(null), Actor.of(System.getenv(), null), SEAL_CHARACTERS);
  }

  /**
   * Extends the chain; where that fails, logs it: whatever happened stands all the same, and the
   * next who extends the chain brings it under it.
   *
   * @return whether it did not fail
   */
  public boolean tryToExtend() {
    try {
      var unused = extend();
      return true;
    } catch (RuntimeException e) {
      LOG.warn("The audit chain could not be extended; the next command will", e);
      return false;
    }
  }

  /**
   * Brings under the chain what was committed to the events since it was extended last; commits
   * nothing where nothing was.
   *
   * @return the chain's head after that
   * @throws WeirException {@code audit-damaged} if the chain's last row is not what its log says,
   *     {@code audit-ahead} if the events are an older copy
   */
  public AuditHead extend() {
    long read = -1;
    while (true) {
      TableSnapshot audit = open();
      Optional<AuditRow> last = last(audit);
      long sealed = last.map(AuditRow::eventsVersion).orElse(-1L);
      TableSnapshot latest = events.table().latest();
      if (sealed > latest.version()) {
        latest = events.table().listed();
      }
      if (sealed > latest.version()) {
        throw new WeirException(
            "audit-ahead",
            ErrorKind.DATA,
            "The audit chain covers version %d of lineage/events, which is at version %d: the event table was restored from an older copy."
                .formatted(sealed, latest.version()),
            "Restore the newer copy; see ./weir audit verify for what is missing.");
      }
      long after = Math.max(sealed, read);
      if (after == latest.version()) {
        return head(last);
      }
      Unsealed unsealed = unsealed(audit, latest, after);
      if (unsealed.rows().isEmpty()) {
        // Commits that hold no facts need no seal.
        read = unsealed.upTo();
        continue;
      }
      List<AuditRow> rows = rows(last, latest.tableId(), after, unsealed);
      AuditRow end = rows.get(rows.size() - 1);
      try {
        table.append(
            audit,
            rows.stream().map(AuditRow::values).toList(),
            new TransactionId(AuditTable.KEY, end.number()));
        if (unsealed.upTo() == latest.version()) {
          return head(Optional.of(end));
        }
      } catch (ConflictException e) {
        // Another extended it meanwhile: what it left is looked for anew.
        read = -1;
      }
    }
  }

  /** The chain's head as it stands; of a chain that was never begun, number 0. */
  public AuditHead head() {
    return head(table.find().flatMap(AuditChain::last));
  }

  private static AuditHead head(Optional<AuditRow> last) {
    return last.map(row -> new AuditHead(row.number(), row.hash(), row.signature()))
        .orElseGet(() -> new AuditHead(0, Hash.NONE.hex(), null));
  }

  /** The rows that were put in last, the newest first; read from the newest files on. */
  public List<AuditRow> newest(int limit) {
    return table
        .find()
        .map(snapshot -> snapshot.newest(AuditTable.COLUMNS, List.of(), limit))
        .orElse(List.of())
        .stream()
        .map(AuditRow::of)
        .sorted(Comparator.comparingLong(AuditRow::number).reversed())
        .limit(limit)
        .toList();
  }

  private TableSnapshot open() {
    Optional<TableSnapshot> there = table.find();
    if (there.isEmpty()) {
      table.create(AuditTable.DEFINITION);
    }
    return there.orElseGet(table::latest);
  }

  /** The last row, as the log says which that is. */
  static Optional<AuditRow> last(TableSnapshot audit) {
    long number = audit.transactionVersion(AuditTable.KEY).orElse(0);
    if (number == 0) {
      return Optional.empty();
    }
    List<Row> rows = audit.rows(AuditTable.COLUMNS, List.of(Filter.equal("number", number)));
    if (rows.size() != 1) {
      throw new WeirException(
          "audit-damaged",
          ErrorKind.DATA,
          "The audit chain has %s row %d, which its log says was put in last."
              .formatted(rows.isEmpty() ? "no" : "more than one", number),
          "See ./weir audit verify, and restore lineage/audit from a backup; nothing is put into it until then.");
    }
    return Optional.of(AuditRow.of(rows.get(0)));
  }

  /**
   * What is under no seal yet.
   *
   * @param upTo the version of the events that this goes up to
   * @param rows of the events, in the order in which they were committed
   */
  private record Unsealed(long upTo, List<Row> rows) {}

  private Unsealed unsealed(TableSnapshot audit, TableSnapshot latest, long after) {
    long upTo = Math.min(latest.version(), after + COMMITS);
    try {
      return new Unsealed(upTo, committed(events.table(), latest, after, upTo));
    } catch (WeirException e) {
      if (!toldApartNoLonger(e)) {
        throw e;
      }
      // Everything that is in no seal, then.
      return new Unsealed(latest.version(), inNoSeal(audit, latest));
    }
  }

  /**
   * The events of the commits after version {@code after}, in order.
   *
   * @param latest the event table as it was found
   * @throws WeirException {@code log-expired} if a commit is no longer in the log
   */
  static List<Row> committed(DeltaTable events, TableSnapshot latest, long after, long upTo) {
    List<Row> rows = new ArrayList<>();
    for (CommitEntry commit : events.log().commits(after, upTo)) {
      events.read(
          commit,
          latest,
          EventDigest.COLUMNS,
          values -> rows.add(new Row(EventDigest.COLUMNS, Arrays.asList(values))));
    }
    return rows;
  }

  /**
   * Whether commits can't be read one by one any more: they are no longer in the log, or what they
   * wrote was moved into other files since and cleaned up.
   */
  static boolean toldApartNoLonger(WeirException error) {
    return error.code().equals("log-expired") || error.code().equals("damaged-file");
  }

  private static List<Row> inNoSeal(TableSnapshot audit, TableSnapshot latest) {
    Map<Hash, Integer> sealed = new HashMap<>();
    for (Row row : audit.rows(List.of("body"), List.of(Filter.equal("kind", AuditRow.SEAL)))) {
      Seal.parse(row.string("body"))
          .ifPresent(
              seal ->
                  seal.events().forEach(event -> sealed.merge(event.digest(), 1, Integer::sum)));
    }
    EventDigest digest = new EventDigest();
    List<Row> rows = new ArrayList<>();
    for (Row row : latest.rows(EventDigest.COLUMNS, List.of())) {
      Integer left = sealed.get(sealed(row, digest).digest());
      if (left == null || left == 0) {
        rows.add(row);
      } else {
        sealed.put(sealed(row, digest).digest(), left - 1);
      }
    }
    rows.sort(Comparator.comparing(row -> Objects.requireNonNull(row.instant("at"))));
    return rows;
  }

  static Seal.Sealed sealed(Row row, EventDigest digest) {
    long micros = AuditRow.micros(Objects.requireNonNull(row.instant("at")));
    return new Seal.Sealed(
        micros,
        row.string("kind"),
        row.string("run"),
        digest.of(
            micros,
            row.string("kind"),
            row.string("pipeline"),
            row.string("run"),
            row.text("stage"),
            (Integer) row.get("attempt"),
            row.string("body")));
  }

  /** The rows of one commit: what was done, then the seals. */
  private List<AuditRow> rows(
      Optional<AuditRow> last, String eventsTable, long after, Unsealed unsealed) {
    Instant now = Instant.now();
    Appending rows = new Appending(last, unsealed.upTo());
    for (Row row : unsealed.rows()) {
      if (!KINDS.contains(row.string("kind"))) {
        continue;
      }
      Facts.read(row.string("kind"), row.string("body"))
          .ifPresent(
              fact ->
                  kind(fact)
                      .ifPresent(
                          kind -> rows.add(fact.at(), kind, CanonicalJson.of(row.string("body")))));
    }
    List<List<Seal.Sealed>> seals = new ArrayList<>();
    seals.add(new ArrayList<>());
    int characters = 0;
    EventDigest digest = new EventDigest();
    for (Row row : unsealed.rows()) {
      Seal.Sealed event = sealed(row, digest);
      if (characters + event.characters() > sealCharacters
          && !seals.get(seals.size() - 1).isEmpty()) {
        seals.add(new ArrayList<>());
        characters = 0;
      }
      characters += event.characters();
      seals.get(seals.size() - 1).add(event);
    }
    for (int i = 0; i < seals.size(); i++) {
      boolean signed = key != null && i == seals.size() - 1;
      Seal seal = new Seal(after, unsealed.upTo(), eventsTable, signed, seals.get(i));
      rows.add(now, AuditRow.SEAL, seal.body());
    }
    return rows.done();
  }

  private final class Appending {
    private final List<AuditRow> rows = new ArrayList<>();
    private final long eventsVersion;
    private long number;
    private Hash previous;

    Appending(Optional<AuditRow> last, long eventsVersion) {
      this.eventsVersion = eventsVersion;
      this.number = last.map(AuditRow::number).orElse(0L);
      this.previous =
          last.map(row -> Objects.requireNonNull(Hash.parse(row.hash()), "hash")).orElse(Hash.NONE);
    }

    void add(Instant at, String kind, String body) {
      AuditRow row =
          AuditRow.after(
              previous,
              ++number,
              at,
              kind,
              body,
              eventsVersion,
              oneLine(actor.name()),
              oneLine(actor.host()));
      previous = Objects.requireNonNull(Hash.parse(row.hash()));
      rows.add(row);
    }

    List<AuditRow> done() {
      int end = rows.size() - 1;
      rows.set(end, rows.get(end).signed(key));
      return rows;
    }
  }

  /** What is hashed one under the other holds no line feeds. */
  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  private static Set<String> kinds() {
    Set<String> kinds = new HashSet<>(Set.of(Facts.kind(Fact.ModelRegistered.class)));
    for (Class<?> deed : Fact.Deed.class.getPermittedSubclasses()) {
      kinds.add(Facts.kind(deed.asSubclass(Fact.class)));
    }
    return kinds;
  }

  /** The kind of the row that a fact is given; most have none of their own. */
  static Optional<String> kind(Fact fact) {
    String kind = null;
    if (fact instanceof Fact.ModelRegistered) {
      kind = "registered";
    } else if (fact instanceof Fact.Deed deed) {
      kind = kind(deed);
    }
    return Optional.ofNullable(kind);
  }

  private static String kind(Fact.Deed deed) {
    if (deed instanceof Fact.ModelReviewed reviewed) {
      return reviewed.review() == Fact.Review.APPROVED ? "approved" : "rejected";
    } else if (deed instanceof Fact.ModelRetired) {
      return "retired";
    }
    return Facts.kind(deed);
  }
}
