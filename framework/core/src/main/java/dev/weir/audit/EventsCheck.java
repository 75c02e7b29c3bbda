package dev.weir.audit;

import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Facts;
import dev.weir.store.Row;
import dev.weir.store.RowSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether the events are those that were sealed. */
final class EventsCheck {
  private static final String RESTORE =
      "Restore lineage/events from a backup: what follows from it can't be believed.";

  /** After these the chain is extended at once. */
  private static final Set<String> SEALED_AT_ONCE =
      Set.of(
          "run-finished",
          "model-reviewed",
          "model-retired",
          "alias-moved",
          "pin-released",
          "files-deleted");

  /** How long that may take. */
  private static final Duration AT_ONCE = Duration.ofMinutes(1);

  /** How far two machines' clocks may be apart. */
  private static final Duration CLOCKS = Duration.ofHours(1);

  /** An event as it was found. */
  private record Seen(long micros, String kind, String run, @Nullable String stage, Hash digest) {
    String text() {
      return EventsCheck.text(kind, run, micros)
          + (stage == null ? "" : " (stage %s)".formatted(stage));
    }
  }

  private static String text(String kind, String run, long micros) {
    return "%s %s at %s"
        .formatted(
            kind,
            run.isEmpty() ? "outside of any run" : "of run " + run,
            AuditVerification.time(micros));
  }

  /** A sealed event that was not found, and the row of the chain that seals it. */
  private record Gone(Seal.Sealed event, long row) {
    String text() {
      return EventsCheck.text(event.kind(), event.run(), event.micros());
    }
  }

  /** Digests the events of a file, and keeps what models and pins follow from. */
  static final class Sink implements RowSink {
    private final EventDigest digest = new EventDigest();
    private final List<Seen> seen = new ArrayList<>();
    private final List<Fact> facts = new ArrayList<>();
    private final Map<String, String> once = new HashMap<>();

    @Override
    public void take(@Nullable Object[] row) {
      long micros = AuditRow.micros((Instant) Objects.requireNonNull(row[0]));
      String kind = once((String) Objects.requireNonNull(row[1]));
      String pipeline = (String) Objects.requireNonNull(row[2]);
      String run = once((String) Objects.requireNonNull(row[3]));
      String stage = row[4] == null ? null : once((String) row[4]);
      String body = (String) Objects.requireNonNull(row[6]);
      seen.add(
          new Seen(
              micros,
              kind,
              run,
              stage,
              digest.of(micros, kind, pipeline, run, stage, (Integer) row[5], body)));
      if (FittedModel.follows(kind, body)) {
        try {
          Facts.read(kind, body).ifPresent(facts::add);
        } catch (WeirException e) {
          // One that was altered is found by its digest.
        }
      }
    }

    private String once(String text) {
      String before = once.putIfAbsent(text, text);
      return before == null ? text : before;
    }
  }

  private final List<Seen> seen = new ArrayList<>();
  private final List<Fact> facts = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private long sealedEvents;
  private long unsealedEvents;

  EventsCheck(List<Sink> sinks) {
    for (Sink sink : sinks) {
      seen.addAll(sink.seen);
      facts.addAll(sink.facts);
    }
  }

  /** What models and pins follow from. */
  List<Fact> facts() {
    return facts;
  }

  List<Finding> findings() {
    return findings;
  }

  long sealedEvents() {
    return sealedEvents;
  }

  long unsealedEvents() {
    return unsealedEvents;
  }

  /**
   * @param chain the rows of the chain
   * @param complete whether none of them is missing or altered
   * @param since the events committed after the last seal, or empty if these are not told apart
   */
  void check(List<ChainCheck.Link> chain, boolean complete, Optional<List<Row>> since) {
    Map<Hash, Gone> sealed = new HashMap<>(seen.size() * 2);
    // What was said twice at the same moment is sealed twice.
    Map<Hash, Deque<Gone>> again = new HashMap<>();
    long lastSeal = Long.MIN_VALUE;
    for (ChainCheck.Link link : chain) {
      Seal seal = link.seal();
      if (seal == null) {
        continue;
      }
      lastSeal = Math.max(lastSeal, link.micros());
      for (Seal.Sealed event : seal.events()) {
        sealedEvents++;
        Gone one = new Gone(event, link.number());
        if (sealed.putIfAbsent(event.digest(), one) != null) {
          again.computeIfAbsent(event.digest(), digest -> new ArrayDeque<>()).add(one);
        }
      }
    }
    List<Seen> more = new ArrayList<>();
    for (Seen event : seen) {
      Deque<Gone> others = again.get(event.digest());
      if (others != null && others.poll() != null) {
        continue;
      }
      if (sealed.remove(event.digest()) == null) {
        more.add(event);
      }
    }
    List<Gone> gone = new ArrayList<>(sealed.values());
    again.values().forEach(gone::addAll);
    unsealed(more, since, lastSeal);
    pair(gone, more);
    for (Gone event : gone) {
      found(
          "event-removed",
          "The event %s was removed: row %d of the chain seals it."
              .formatted(event.text(), event.row()));
    }
    if (!complete && !more.isEmpty()) {
      found(
          "event-unsealed",
          "%d events are in no seal that is left, the first of them %s."
              .formatted(more.size(), more.get(0).text()));
      return;
    }
    for (Seen event : more) {
      found(
          "event-added",
          "The event %s was added: no row of the chain seals it, and it is older than the last."
              .formatted(event.text()));
    }
  }

  private void found(String code, String found) {
    findings.add(new Finding(code, found, RESTORE));
  }

  /** Takes out what no seal can hold yet. */
  private void unsealed(List<Seen> more, Optional<List<Row>> since, long lastSeal) {
    List<Seen> waiting = new ArrayList<>();
    if (since.isPresent()) {
      EventDigest digest = new EventDigest();
      Map<Hash, Integer> committed = new LinkedHashMap<>();
      Map<Hash, Row> rows = new HashMap<>();
      for (Row row : since.get()) {
        Hash hash = AuditChain.sealed(row, digest).digest();
        committed.merge(hash, 1, Integer::sum);
        rows.put(hash, row);
      }
      more.removeIf(
          event -> {
            Integer left = committed.get(event.digest());
            if (left == null) {
              return false;
            }
            if (left == 1) {
              committed.remove(event.digest());
            } else {
              committed.put(event.digest(), left - 1);
            }
            return waiting.add(event);
          });
      for (Hash hash : committed.keySet()) {
        Row row = Objects.requireNonNull(rows.get(hash));
        found(
            "event-removed",
            "The event %s was removed: a commit after the last seal added it."
                .formatted(
                    text(
                        row.string("kind"),
                        row.string("run"),
                        AuditRow.micros(Objects.requireNonNull(row.instant("at"))))));
      }
    } else {
      more.removeIf(
          event -> event.micros() >= lastSeal - CLOCKS.toMillis() * 1000 && waiting.add(event));
    }
    unsealedEvents = waiting.size();
    long late = AuditRow.micros(Instant.now().minus(AT_ONCE));
    List<Seen> overdue =
        waiting.stream()
            .filter(event -> SEALED_AT_ONCE.contains(event.kind()) && event.micros() < late)
            .toList();
    if (!overdue.isEmpty()) {
      findings.add(
          new Finding(
              "unsealed",
              "The chain does not cover %d events that it should, the first of them %s."
                  .formatted(overdue.size(), overdue.get(0).text()),
              "Its end was cut off, or whoever caused them died before they were sealed: compare it with a head kept elsewhere, and seal them with ./weir audit head."));
    }
  }

  /** Finds what an event that is gone was made into, by what both have in common. */
  private void pair(List<Gone> gone, List<Seen> more) {
    pair(
        gone,
        more,
        event -> event.micros() + event.kind() + " " + event.run(),
        event -> event.micros() + event.kind() + " " + event.run());
    pair(
        gone,
        more,
        event -> event.kind() + " " + event.run(),
        event -> event.kind() + " " + event.run());
    pair(gone, more, event -> event.micros() + event.run(), event -> event.micros() + event.run());
    pair(
        gone, more, event -> event.micros() + event.kind(), event -> event.micros() + event.kind());
  }

  private void pair(
      List<Gone> gone,
      List<Seen> more,
      Function<Seal.Sealed, String> recorded,
      Function<Seen, String> found) {
    if (gone.isEmpty() || more.isEmpty()) {
      return;
    }
    Map<String, Deque<Seen>> candidates = new HashMap<>();
    for (Seen event : more) {
      candidates.computeIfAbsent(found.apply(event), key -> new ArrayDeque<>()).add(event);
    }
    Set<Seen> paired = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Iterator<Gone> left = gone.iterator(); left.hasNext(); ) {
      Gone event = left.next();
      Deque<Seen> same = candidates.get(recorded.apply(event.event()));
      Seen now = same == null ? null : same.poll();
      if (now != null) {
        left.remove();
        paired.add(now);
        found(
            "event-altered",
            "The event %s was altered: row %d of the chain seals another%s."
                .formatted(
                    now.text(),
                    event.row(),
                    now.text().startsWith(event.text()) ? "" : ", " + event.text()));
      }
    }
    more.removeIf(paired::contains);
  }
}
