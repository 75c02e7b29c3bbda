package dev.weir.lineage;

import dev.weir.store.Row;
import dev.weir.store.Sha256;
import dev.weir.store.TableFiles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds edges by what they lead from or to. The index says in which runs a reference was read or
 * written; of these runs all edges are read, since most of a walk stays within few runs.
 */
final class EdgeFinder {
  /** The role of what a stage read. */
  static final String READ = "READ";

  /** The role of what a stage wrote. */
  static final String WRITTEN = "WRITTEN";

  private static final List<String> INDEX = List.of("reference_hash", "role", "run");
  private static final List<String> EDGE =
      List.of(
          "from_reference",
          "to_reference",
          "run",
          "stage",
          "attempt",
          "pipeline",
          "from_detail",
          "to_detail",
          "at");

  private final @Nullable TableFiles index;
  private final @Nullable TableFiles edges;
  private final Set<String> runs = new HashSet<>();

  /** What was asked for before, as role and reference. */
  private final Set<String> known = new HashSet<>();

  private final Map<String, List<Edge>> from = new HashMap<>();
  private final Map<String, List<Edge>> to = new HashMap<>();

  EdgeFinder(LineageReader lineage) {
    this.index = lineage.files(LineageTable.REFERENCE_RUNS, INDEX).orElse(null);
    this.edges = lineage.files(LineageTable.EDGES, EDGE).orElse(null);
    lineage.late(LineageTable.EDGES).forEach(this::add);
  }

  /** A row of the edges. */
  record Edge(
      @Nullable String from,
      @Nullable String to,
      String run,
      String stage,
      int attempt,
      String pipeline,
      @Nullable String fromDetail,
      @Nullable String toDetail,
      Instant at) {
    static Edge of(Row row) {
      return new Edge(
          row.text("from_reference"),
          row.text("to_reference"),
          row.string("run"),
          row.string("stage"),
          row.integer("attempt"),
          row.string("pipeline"),
          row.text("from_detail"),
          row.text("to_detail"),
          Objects.requireNonNull(row.instant("at")));
    }
  }

  /** The first 64 bits of the SHA-256 of a reference. */
  static long hash(String reference) {
    return ByteBuffer.wrap(
            Sha256.start().digest(reference.getBytes(StandardCharsets.UTF_8)), 0, Long.BYTES)
        .getLong();
  }

  private void add(Row row) {
    Edge edge = Edge.of(row);
    String read = edge.from();
    if (read != null) {
      from.computeIfAbsent(read, reference -> new ArrayList<>()).add(edge);
    }
    String written = edge.to();
    if (written != null) {
      to.computeIfAbsent(written, reference -> new ArrayList<>()).add(edge);
    }
  }

  /** Looks up all edges that lead to these artifacts, which {@link #to} then gives. */
  void loadWriters(Collection<Artifact> artifacts) {
    Set<String> unknown = new LinkedHashSet<>();
    for (Artifact artifact : artifacts) {
      if (!isFile(artifact.reference()) && !hasWriter(artifact)) {
        unknown.add(artifact.reference());
      }
    }
    load(unknown, WRITTEN);
  }

  /** Looks up all edges that lead from these artifacts, which {@link #from} then gives. */
  void loadReaders(Collection<Artifact> artifacts) {
    Set<String> unknown = new LinkedHashSet<>();
    artifacts.forEach(artifact -> unknown.add(artifact.reference()));
    load(unknown, READ);
  }

  /** Nothing in Weir writes a file from outside. */
  static boolean isFile(String reference) {
    return reference.startsWith("file:");
  }

  /** Each is written once: but for datasets of which it is not known in which table they stood. */
  private boolean hasWriter(Artifact artifact) {
    List<Edge> found = to.getOrDefault(artifact.reference(), List.of());
    if (!artifact.isDataset()) {
      return !found.isEmpty();
    }
    String table = artifact.table();
    return table != null && found.stream().anyMatch(edge -> table.equals(edge.toDetail()));
  }

  private void load(Set<String> references, String role) {
    TreeSet<Long> hashes = new TreeSet<>();
    for (String reference : references) {
      if (known.add(role + " " + reference)) {
        hashes.add(hash(reference));
      }
    }
    TableFiles asked = index;
    TableFiles all = edges;
    if (hashes.isEmpty() || asked == null || all == null) {
      return;
    }
    TreeSet<String> wanted = new TreeSet<>();
    for (Row row :
        LineageTables.derived(
            LineageTable.REFERENCE_RUNS.tableName(),
            () -> asked.rows("reference_hash", hashes, Long.class))) {
      String run = row.string("run");
      if (row.string("role").equals(role) && runs.add(run)) {
        wanted.add(run);
      }
    }
    if (!wanted.isEmpty()) {
      LineageTables.derived(
              LineageTable.EDGES.tableName(), () -> all.rows("run", wanted, String.class))
          .forEach(this::add);
    }
  }

  /** The edges that lead to an artifact, of those loaded. */
  List<Edge> to(Artifact artifact) {
    return to.getOrDefault(artifact.reference(), List.of()).stream()
        .filter(edge -> artifact.matches(edge.toDetail()))
        .toList();
  }

  /** The edges that lead from an artifact, of those loaded. */
  List<Edge> from(Artifact artifact) {
    return from.getOrDefault(artifact.reference(), List.of()).stream()
        .filter(
            edge -> {
              Artifact source = source(edge);
              return source != null && artifact.matches(source.table());
            })
        .toList();
  }

  /** The Delta tables in which a dataset's version stood, of edges loaded, the newest first. */
  List<String> tables(String reference) {
    Set<String> tables = new LinkedHashSet<>();
    to.getOrDefault(reference, List.of()).stream()
        .sorted(Comparator.comparing(Edge::at).reversed())
        .map(Edge::toDetail)
        .filter(Objects::nonNull)
        .forEach(tables::add);
    from.getOrDefault(reference, List.of()).stream()
        .sorted(Comparator.comparing(Edge::at).reversed())
        .map(Edge::fromDetail)
        .filter(Objects::nonNull)
        .forEach(tables::add);
    return List.copyOf(tables);
  }

  boolean isKnown(String reference) {
    return from.containsKey(reference) || to.containsKey(reference);
  }

  /** What an edge leads to, if anything. */
  static @Nullable Artifact target(Edge edge) {
    String reference = edge.to();
    return reference == null ? null : Artifact.of(reference, edge.toDetail());
  }

  /**
   * What an edge leads from, if anything. A registration does not say in which table its evaluation
   * stood: in the one that was there last before it, of those loaded.
   */
  @Nullable Artifact source(Edge edge) {
    String reference = edge.from();
    if (reference == null) {
      return null;
    }
    Artifact named = Artifact.of(reference, edge.fromDetail());
    if (!named.isDataset() || named.table() != null) {
      return named;
    }
    return to.getOrDefault(reference, List.of()).stream()
        .filter(writer -> writer.toDetail() != null && !writer.at().isAfter(edge.at()))
        .max(Comparator.comparing(Edge::at))
        .map(writer -> Artifact.of(reference, writer.toDetail()))
        .orElse(named);
  }

  /**
   * Something by its reference.
   *
   * @param table the id of the Delta table that a dataset stood in, or null where it is not known;
   *     null for all else
   */
  record Artifact(String reference, @Nullable String table) {
    static Artifact of(String reference, @Nullable String detail) {
      return new Artifact(reference, reference.startsWith("dataset:") ? detail : null);
    }

    boolean isDataset() {
      return reference.startsWith("dataset:");
    }

    /** Whether an edge with this detail may be one of it. */
    boolean matches(@Nullable String detail) {
      return table == null || detail == null || table.equals(detail);
    }
  }
}
