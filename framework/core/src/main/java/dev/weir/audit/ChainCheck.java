package dev.weir.audit;

import dev.weir.store.RowSink;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Whether the rows of a chain are those that were put into it. */
final class ChainCheck {
  private static final String RESTORE = "Restore lineage/audit from a backup.";

  /**
   * A row as it was found.
   *
   * @param hash what it says, or null where that is no hash
   * @param previous what it says, or null where that is no hash
   * @param computed what follows from its values
   * @param seal what it seals, or null
   */
  record Link(
      long number,
      long micros,
      String kind,
      @Nullable Hash hash,
      @Nullable Hash previous,
      Hash computed,
      long eventsVersion,
      @Nullable String signature,
      @Nullable Seal seal) {
    /** Whether its hash follows from its values. */
    boolean whole() {
      return computed.equals(hash);
    }

    String text() {
      return "%d (%s, %s)".formatted(number, kind, AuditVerification.time(micros));
    }
  }

  /** Hashes the rows of a file. */
  static final class Sink implements RowSink {
    private final AuditRow.Hasher hasher = new AuditRow.Hasher();
    private final List<Link> links = new ArrayList<>();
    private final Map<String, String> once = new HashMap<>();

    @Override
    public void take(@Nullable Object[] row) {
      long number = (Long) there(row[0]);
      long micros = AuditRow.micros((Instant) there(row[1]));
      String kind = once.computeIfAbsent((String) there(row[2]), text -> text);
      String body = (String) there(row[3]);
      String previous = (String) there(row[4]);
      long eventsVersion = (Long) there(row[6]);
      Hash computed =
          hasher.of(
              number,
              previous,
              micros,
              kind,
              eventsVersion,
              (String) there(row[7]),
              (String) there(row[8]),
              body);
      links.add(
          new Link(
              number,
              micros,
              kind,
              Hash.parse((String) there(row[5])),
              Hash.parse(previous),
              computed,
              eventsVersion,
              (String) row[9],
              kind.equals(AuditRow.SEAL) ? Seal.parse(body).orElse(null) : null));
    }

    private static Object there(@Nullable Object value) {
      return Objects.requireNonNull(value, "a column that is never null");
    }
  }

  private final List<Link> links = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  /** Made when a row is found that is not what it was. */
  private final Map<Hash, Long> places = new HashMap<>();

  private boolean complete = true;
  private long signatures;
  private long checkedSignatures;

  ChainCheck(List<Sink> sinks) {
    sinks.forEach(sink -> links.addAll(sink.links));
    links.sort(Comparator.comparingLong(Link::number));
  }

  /** The rows, by number. */
  List<Link> links() {
    return links;
  }

  List<Finding> findings() {
    return findings;
  }

  /** Whether no row, and so no seal, is missing or altered. */
  boolean complete() {
    return complete;
  }

  long signatures() {
    return signatures;
  }

  long checkedSignatures() {
    return checkedSignatures;
  }

  AuditHead head() {
    if (links.isEmpty()) {
      return new AuditHead(0, Hash.NONE.hex(), null);
    }
    Link last = links.get(links.size() - 1);
    return new AuditHead(
        Math.max(0, last.number()),
        last.hash() == null ? last.computed().hex() : last.hash().hex(),
        last.signature());
  }

  /** Up to which version of the events the chain goes, or -1. */
  long eventsVersion() {
    return links.stream().filter(Link::whole).mapToLong(Link::eventsVersion).max().orElse(-1);
  }

  private void found(String code, String found, String remedy) {
    findings.add(new Finding(code, found, remedy));
    complete = false;
  }

  /**
   * @param logged the number of the row that was put in last, as the table's log says
   * @param kept a head that was kept elsewhere, or null
   * @param key by which signatures are checked, or null
   */
  void check(OptionalLong logged, @Nullable AuditHead kept, AuditKey.@Nullable Public key) {
    Link before = null;
    for (Link link : links) {
      if (link.number() < 1 || (before != null && before.number() == link.number())) {
        found(
            "row-inserted",
            link.number() < 1
                ? "Row %s is none of the chain, which begins with row 1.".formatted(link.text())
                : "The chain has row %d more than once: %s and %s."
                    .formatted(link.number(), before == null ? "" : before.text(), link.text()),
            "One of them was put in. " + RESTORE);
        if (!link.whole()) {
          continue;
        }
      } else {
        long expected = before == null ? 1 : before.number() + 1;
        if (link.number() > expected) {
          missing(expected, link.number() - 1, "the chain goes on with row " + link.number());
        }
        Hash next = next(link);
        if (!link.whole()) {
          altered(link, next);
        } else if (before == null || before.number() == link.number() - 1) {
          follows(before, link);
        }
      }
      before = link;
    }
    end(before, logged);
    if (kept != null) {
      kept(kept);
    }
    signatures(key);
  }

  /** What the row after names as the hash before it, if that row is there. */
  private @Nullable Hash next(Link link) {
    int index = search(link.number() + 1);
    return index < 0 ? null : links.get(index).previous();
  }

  private int search(long number) {
    int low = 0;
    int high = links.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long there = links.get(middle).number();
      if (there < number) {
        low = middle + 1;
      } else if (there > number) {
        high = middle - 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  private void altered(Link link, @Nullable Hash next) {
    long place = link.hash() == null ? 0 : place(link.hash());
    if (place > 0 && place != link.number()) {
      found(
          "row-moved",
          "Row %s stands in another's place: by its hash it was row %d."
              .formatted(link.text(), place),
          RESTORE);
    } else if (link.computed().equals(next)) {
      found(
          "row-altered",
          "The hash of row %s was altered: its values give %s, as the row after it says."
              .formatted(link.text(), link.computed()),
          RESTORE);
    } else {
      found(
          "row-altered",
          "Row %s was altered: its values don't give its hash%s."
              .formatted(
                  link.text(),
                  link.hash() != null && link.hash().equals(next)
                      ? ", which the row after it confirms"
                      : ""),
          RESTORE);
    }
  }

  /** The number of the row that a hash belongs to by what the row after it says, or 0. */
  private long place(Hash hash) {
    if (places.isEmpty()) {
      for (Link link : links) {
        if (link.previous() != null) {
          places.put(link.previous(), link.number() - 1);
        }
      }
    }
    return places.getOrDefault(hash, 0L);
  }

  private void follows(@Nullable Link before, Link link) {
    if (before == null) {
      if (!Hash.NONE.equals(link.previous())) {
        found(
            "row-unlinked",
            "Row %s is the first and names a row before it.".formatted(link.text()),
            "The rows before it were taken out and the others numbered anew. " + RESTORE);
      }
    } else if (before.whole() && !before.computed().equals(link.previous())) {
      found(
          "row-unlinked",
          "Row %s does not follow row %s: that has hash %s, and another stood before it."
              .formatted(link.text(), before.text(), before.computed()),
          "Row %d was altered and its hash made anew, or rows between them were taken out. "
                  .formatted(before.number())
              + RESTORE);
    }
  }

  private void missing(long from, long to, String why) {
    found(
        "row-missing",
        from == to
            ? "Row %d is missing: %s.".formatted(from, why)
            : "Rows %d to %d are missing: %s.".formatted(from, to, why),
        RESTORE);
  }

  private void end(@Nullable Link last, OptionalLong logged) {
    long end = last == null ? 0 : last.number();
    long known = logged.orElse(0);
    if (known > end) {
      missing(end + 1, known, "the table's log says that row %d was put in".formatted(known));
    } else if (known < end) {
      found(
          "row-inserted",
          "The chain has rows up to %d, and its log says that row %d was put in last."
              .formatted(end, known),
          "The rows after that were put in by something else than Weir. " + RESTORE);
    }
  }

  private void kept(AuditHead kept) {
    if (kept.number() == 0) {
      return;
    }
    int index = search(kept.number());
    long end = links.isEmpty() ? 0 : links.get(links.size() - 1).number();
    if (index < 0) {
      if (kept.number() > end) {
        missing(
            end + 1,
            kept.number(),
            "the head %s was kept, and the chain ends before it".formatted(kept.text()));
      }
      return;
    }
    Link link = links.get(index);
    if (!kept.hash().equals(String.valueOf(link.hash()))) {
      found(
          "head-differs",
          "Row %s has hash %s, and %s was kept.".formatted(link.text(), link.hash(), kept.hash()),
          "The chain was made anew up to there since. " + RESTORE);
    }
  }

  private void signatures(AuditKey.@Nullable Public key) {
    long lastSigned = 0;
    for (Link link : links) {
      String signature = link.signature();
      Seal seal = link.seal();
      if (signature == null) {
        if (link.whole() && seal != null && seal.signed()) {
          found(
              "signature-missing",
              "Row %s was signed and bears no signature.".formatted(link.text()),
              "It was taken out. " + RESTORE);
        }
        continue;
      }
      signatures++;
      lastSigned = link.number();
      if (link.whole() && (seal == null || !seal.signed())) {
        found(
            "signature-wrong",
            "Row %s bears a signature, and was not signed.".formatted(link.text()),
            "It was put in. " + RESTORE);
      }
      if (key != null) {
        checkedSignatures++;
        if (link.hash() == null || !key.signed(link.hash().hex(), signature)) {
          found(
              "signature-wrong",
              "The signature of row %s is not that of its hash by the key given."
                  .formatted(link.text()),
              "It was forged, or made with another key: try that one's public half.");
        }
      }
    }
    long end = links.isEmpty() ? 0 : links.get(links.size() - 1).number();
    if (key != null && end > lastSigned) {
      found(
          "signature-missing",
          lastSigned == 0
              ? "No row of the chain is signed."
              : "Rows %d to %d are under no signature.".formatted(lastSigned + 1, end),
          "Whoever put them in had no key. Set audit-key in conf/weir.yaml on every machine that runs Weir here, and find out who it was: sealed_by and host say so.");
    }
  }
}
