package dev.weir.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.Filter;
import dev.weir.store.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What people have decided about data that gates refused or put aside, as the lineage says it. Read
 * when it is first asked for. Safe for use by several threads.
 */
public final class Interventions {
  /** What the inputs of a fingerprint call the corrections of what the stage reads. */
  public static final String CORRECTIONS = "corrections";

  private static final String OVERRIDDEN = "OVERRIDDEN";
  private static final String CORRECTED = "CORRECTED";

  private final @Nullable LineageReader lineage;
  private @Nullable List<Fact.Deed> all;

  /**
   * What is decided of a dataset version at a gate.
   *
   * @param overrides failures that are accepted
   * @param corrections of rows that break a rule, one after the other
   */
  public record Decided(List<Fact.GateOverridden> overrides, List<Fact.RowsCorrected> corrections) {
    /** Nothing. */
    public static final Decided NOTHING = new Decided(List.of(), List.of());

    public Decided {
      overrides = List.copyOf(overrides);
      corrections = List.copyOf(corrections);
    }

    /** The corrections as an input of the stage that makes them; empty if there are none. */
    public Optional<Fact.Content> input() {
      String ids =
          corrections.stream().map(Fact.RowsCorrected::id).collect(Collectors.joining(","));
      return ids.isEmpty() ? Optional.empty() : Optional.of(new Fact.Content(ids, ids));
    }
  }

  private Interventions(@Nullable LineageReader lineage) {
    this.lineage = lineage;
  }

  /** Nothing. */
  public static Interventions none() {
    return new Interventions(null);
  }

  /** What has been decided by what a reader sees. */
  public static Interventions of(LineageReader lineage) {
    return new Interventions(lineage);
  }

  /** How a gate is named: by its pipeline and its stage. */
  public static String gate(String pipeline, String stage) {
    return pipeline + "/" + stage;
  }

  /** Everything that was decided, in the order in which it was. */
  public synchronized List<Fact.Deed> all() {
    if (all == null) {
      all =
          lineage == null
              ? List.of()
              : lineage.rows(LineageTable.INTERVENTIONS, List.of()).stream()
                  .map(Interventions::deed)
                  .sorted(Comparator.comparing(Fact.Deed::at))
                  .toList();
    }
    return all;
  }

  /**
   * What is decided of a dataset version at a gate: of its content, which other versions may have
   * too.
   *
   * @param gate from {@link #gate}
   * @param reference the version, {@code dataset:…@…}
   * @param digest of its content
   */
  public Decided of(String gate, String reference, String digest) {
    List<Fact.GateOverridden> overrides = new ArrayList<>();
    List<Fact.RowsCorrected> corrections = new ArrayList<>();
    for (Fact.Deed deed : all()) {
      if (deed instanceof Fact.GateOverridden it
          && it.gate().equals(gate)
          && bare(it.reference()).equals(bare(reference))
          && it.digest().equals(digest)) {
        overrides.add(it);
      } else if (deed instanceof Fact.RowsCorrected it
          && it.gate().equals(gate)
          && bare(it.reference()).equals(bare(reference))
          && it.digest().equals(digest)) {
        corrections.add(it);
      }
    }
    return new Decided(overrides, corrections);
  }

  /** Whether a result has been published since that the correction went into. */
  public boolean applied(Fact.RowsCorrected correction) {
    int slash = correction.gate().indexOf('/');
    Iterator<List<Row>> newest =
        lineage == null
            ? List.<List<Row>>of().iterator()
            : lineage.newestFirst(
                LineageTable.STAGES,
                List.of("pipeline", "stage", "state", "finished_at", "made_from"),
                List.of(
                    Filter.equal("pipeline", correction.gate().substring(0, slash)),
                    Filter.equal("stage", correction.gate().substring(slash + 1)),
                    Filter.equal("state", StageState.SUCCEEDED.name())));
    while (newest.hasNext()) {
      for (Row row : newest.next()) {
        String from = row.text("made_from");
        if (from != null && with(from, correction.id())) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean with(String from, String id) {
    try {
      Fact.Content corrections = Facts.fingerprint(from).inputs().get(CORRECTIONS);
      return corrections != null && List.of(corrections.reference().split(",", -1)).contains(id);
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  private static String bare(String reference) {
    return reference.substring(0, reference.lastIndexOf('@'));
  }

  // --- The rows of the table

  /** Adds the row that a deed makes, if it is one of these. */
  static void add(Fact.Deed deed, List<List<@Nullable Object>> rows) {
    if (deed instanceof Fact.GateOverridden it) {
      rows.add(
          Projection.done(
              it,
              it.id(),
              OVERRIDDEN,
              it.gate(),
              it.reference(),
              it.digest(),
              null,
              null,
              null,
              it.halted(),
              json(it.checks())));
    } else if (deed instanceof Fact.RowsCorrected it) {
      rows.add(
          Projection.done(
              it,
              it.id(),
              CORRECTED,
              it.gate(),
              it.reference(),
              it.digest(),
              it.quarantine(),
              json(it.assignments()),
              it.condition(),
              null,
              null));
    }
  }

  private static Fact.Deed deed(Row row) {
    Instant at = Objects.requireNonNull(row.instant("at"));
    Actor by = new Actor(row.string("done_by"), row.string("host"), row.text("claimed_by"));
    try {
      return row.string("kind").equals(OVERRIDDEN)
          ? new Fact.GateOverridden(
              at,
              by,
              row.string("id"),
              row.string("gate"),
              row.string("reference"),
              row.string("digest"),
              row.string("halted_run"),
              Facts.json().readValue(row.string("checks"), new TypeReference<>() {}),
              row.string("reason"))
          : new Fact.RowsCorrected(
              at,
              by,
              row.string("id"),
              row.string("gate"),
              row.string("quarantine"),
              row.string("reference"),
              row.string("digest"),
              Facts.json().readValue(row.string("assignments"), new TypeReference<>() {}),
              row.text("condition"),
              row.string("reason"));
    } catch (JsonProcessingException e) {
      throw damaged(e);
    }
  }

  static String json(Object value) {
    try {
      return Facts.json().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not to be written as JSON: " + value, e);
    }
  }

  private static WeirException damaged(JsonProcessingException e) {
    return new WeirException(
        "lineage-damaged",
        ErrorKind.DATA,
        "What lineage says of interventions can't be read: %s".formatted(e.getMessage()),
        "Make the lineage tables anew: ./weir lineage rebuild.",
        e);
  }
}
