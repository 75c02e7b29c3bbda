package dev.weir.lineage;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.EdgeFinder.Artifact;
import dev.weir.store.Row;
import dev.weir.store.TableFiles;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What something was made from, or what was made from it: everything that edges lead to, breadth
 * first, each thing once, what is under way included. A stage that used an earlier result again has
 * no edges of its own: they lead from the attempt that did the work.
 */
public final class Walk {
  private final LineageReader lineage;
  private final Direction direction;
  private final List<Node> nodes;
  private final List<Edge> edges;
  private final List<String> otherTables;

  private Walk(
      LineageReader lineage,
      Direction direction,
      List<Node> nodes,
      List<Edge> edges,
      List<String> otherTables) {
    this.lineage = lineage;
    this.direction = direction;
    this.nodes = List.copyOf(nodes);
    this.edges = List.copyOf(edges);
    this.otherTables = List.copyOf(otherTables);
  }

  /** Which way a walk goes. */
  public enum Direction {
    /** To what it was made from. */
    UP,
    /** To what was made from it. */
    DOWN
  }

  /**
   * Where a walk starts.
   *
   * @param reference {@code model:…}, {@code candidate:…}, {@code dataset:…} or {@code file:…}
   * @param table the beginning of the id of the Delta table that the dataset stood in, where there
   *     were several under its name; null for the newest
   */
  public record Start(String reference, @Nullable String table) {}

  /**
   * Something on the way.
   *
   * @param table the id of the Delta table that a dataset stands in, if it is one
   * @param depth how many edges lead to it from the start, by the shortest way
   * @param maker what made it, or null for what no stage made
   */
  public record Node(String reference, @Nullable String table, int depth, @Nullable Maker maker) {}

  /** An attempt at a stage. */
  public record Maker(String run, String stage, int attempt, String pipeline, Instant at) {
    static Maker of(EdgeFinder.Edge edge) {
      return new Maker(edge.run(), edge.stage(), edge.attempt(), edge.pipeline(), edge.at());
    }
  }

  /**
   * That something was made from something else.
   *
   * @param from what was read
   * @param to what was written
   * @param by what read and wrote
   */
  public record Edge(Node from, Node to, Maker by) {}

  /**
   * Walks.
   *
   * @param depth how many edges far at most
   * @throws WeirException {@code no-reference} if there is no such thing, with the nearest there is
   */
  public static Walk of(LineageReader lineage, Start start, Direction direction, int depth) {
    try {
      ArtifactVersion.parse(start.reference());
    } catch (IllegalArgumentException e) {
      throw WeirException.user(
          "no-reference",
          e.getMessage() + ".",
          "Look for it in SQL: ./weir sql \"select reference from lineage.datasets\", or lineage.models.");
    }
    return new Walker(lineage, direction, depth).walk(start);
  }

  /** Which way it went. */
  public Direction direction() {
    return direction;
  }

  /** Where it started. */
  public Node start() {
    return nodes.get(0);
  }

  /** Everything that was come to, the start first, by depth. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The edges between them, each once, in the order in which they were come to. */
  public List<Edge> edges() {
    return edges;
  }

  /** The ids of other Delta tables that stood under the start's name at its version. */
  public List<String> otherTables() {
    return otherTables;
  }

  /**
   * The digests of what was come to, where they are known: of a dataset's content, of a model's
   * files, of a file's bytes.
   */
  public Map<Node, String> digests() {
    Set<String> runs = new LinkedHashSet<>();
    Map<Node, String> digests = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (EdgeFinder.isFile(node.reference())) {
        digests.put(node, node.reference().substring(node.reference().lastIndexOf('@') + 1));
      }
      Maker maker = node.maker();
      if (maker != null) {
        runs.add(maker.run());
      }
    }
    Map<Artifact, String> known = new HashMap<>();
    for (Row row :
        lineage.of(
            LineageTable.DATASETS, List.of("reference", "table_id", "digest", "run"), runs)) {
      known.put(
          new Artifact(row.string("reference"), row.string("table_id")), row.string("digest"));
    }
    for (Row row : lineage.of(LineageTable.MODELS, List.of("reference", "digest", "run"), runs)) {
      known.put(new Artifact(row.string("reference"), null), row.string("digest"));
    }
    for (Node node : nodes) {
      String digest = known.get(new Artifact(node.reference(), node.table()));
      if (digest != null) {
        digests.put(node, digest);
      }
    }
    return digests;
  }

  /** One walk while it goes on. */
  private static final class Walker {
    private final LineageReader lineage;
    private final EdgeFinder finder;
    private final Direction direction;
    private final int limit;
    private final Map<Artifact, Integer> depths = new LinkedHashMap<>();

    /** Each edge once, whatever the ports that it goes through. */
    private final Set<Step> steps = new LinkedHashSet<>();

    private record Step(Artifact from, Artifact to, Maker by) {}

    /** Files of rows are read in no order. */
    private static final Comparator<EdgeFinder.Edge> BY_TIME =
        Comparator.comparing(EdgeFinder.Edge::at)
            .thenComparing(edge -> String.valueOf(edge.from()))
            .thenComparing(edge -> String.valueOf(edge.to()));

    Walker(LineageReader lineage, Direction direction, int limit) {
      this.lineage = lineage;
      this.finder = new EdgeFinder(lineage);
      this.direction = direction;
      this.limit = limit;
    }

    Walk walk(Start start) {
      List<String> tables = new ArrayList<>();
      Artifact first = first(start, tables);
      depths.put(first, 0);
      List<Artifact> frontier = List.of(first);
      for (int depth = 1; !frontier.isEmpty() && depth <= limit; depth++) {
        frontier = step(frontier, depth);
      }
      Map<Artifact, Node> nodes = nodes();
      List<Edge> edges = new ArrayList<>();
      for (Step step : steps) {
        edges.add(new Edge(node(nodes, step.from()), node(nodes, step.to()), step.by()));
      }
      tables.removeIf(table -> table.equals(first.table()));
      return new Walk(lineage, direction, List.copyOf(nodes.values()), edges, tables);
    }

    private static Node node(Map<Artifact, Node> nodes, Artifact artifact) {
      return Objects.requireNonNull(nodes.get(artifact));
    }

    private Artifact first(Start start, List<String> tables) {
      String reference = start.reference();
      Artifact named = new Artifact(reference, null);
      finder.loadWriters(List.of(named));
      finder.loadReaders(List.of(named));
      if (!finder.isKnown(reference)) {
        throw unknown(reference);
      }
      if (!named.isDataset()) {
        return named;
      }
      tables.addAll(finder.tables(reference));
      String asked = start.table();
      Optional<String> table =
          tables.stream().filter(id -> asked == null || id.startsWith(asked)).findFirst();
      if (table.isEmpty() && asked != null) {
        throw WeirException.user(
            "no-table-id",
            "%s never stood in a table whose id begins with '%s'.".formatted(reference, asked),
            "It stood in %s.".formatted(tables.isEmpty() ? "none" : String.join(", ", tables)));
      }
      return new Artifact(reference, table.orElse(null));
    }

    private List<Artifact> step(List<Artifact> frontier, int depth) {
      if (direction == Direction.UP) {
        finder.loadWriters(frontier);
      } else {
        finder.loadReaders(frontier);
      }
      resolveSources(frontier);
      List<Artifact> next = new ArrayList<>();
      for (Artifact artifact : frontier) {
        List<EdgeFinder.Edge> found =
            new ArrayList<>(
                direction == Direction.UP ? finder.to(artifact) : finder.from(artifact));
        found.sort(BY_TIME);
        for (EdgeFinder.Edge edge : found) {
          Artifact far = direction == Direction.UP ? finder.source(edge) : EdgeFinder.target(edge);
          if (far == null) {
            continue;
          }
          Maker by = Maker.of(edge);
          steps.add(
              direction == Direction.UP
                  ? new Step(far, artifact, by)
                  : new Step(artifact, far, by));
          if (depths.putIfAbsent(far, depth) == null) {
            next.add(far);
          }
        }
      }
      return next;
    }

    /** In which table a registration's evaluation stood is known by who wrote it. */
    private void resolveSources(List<Artifact> frontier) {
      List<Artifact> open = new ArrayList<>();
      if (direction == Direction.UP) {
        for (Artifact artifact : frontier) {
          for (EdgeFinder.Edge edge : finder.to(artifact)) {
            Artifact source = finder.source(edge);
            if (source != null && source.isDataset() && edge.fromDetail() == null) {
              open.add(new Artifact(source.reference(), null));
            }
          }
        }
      } else {
        frontier.stream()
            .filter(Artifact::isDataset)
            .forEach(artifact -> open.add(new Artifact(artifact.reference(), null)));
      }
      finder.loadWriters(open);
    }

    /** What was come to, each with what made it. */
    private Map<Artifact, Node> nodes() {
      finder.loadWriters(depths.keySet());
      Map<Artifact, Node> nodes = new LinkedHashMap<>();
      depths.forEach(
          (artifact, depth) ->
              nodes.put(
                  artifact,
                  new Node(
                      artifact.reference(),
                      artifact.table(),
                      depth,
                      finder.to(artifact).stream()
                          .map(Maker::of)
                          .max(Comparator.comparing(Maker::at))
                          .orElse(null))));
      return nodes;
    }

    private WeirException unknown(String reference) {
      String kind = reference.substring(0, reference.indexOf(':') + 1);
      String name = reference.substring(0, reference.lastIndexOf('@') + 1);
      Collection<String> known = references(kind);
      List<String> versions = known.stream().filter(other -> other.startsWith(name)).toList();
      if (!versions.isEmpty()) {
        String last = versions.get(versions.size() - 1);
        return WeirException.user(
            "no-reference",
            "No run has read or made %s; the last of %s is %s"
                .formatted(
                    reference,
                    versions.size() == 1 ? "one version" : versions.size() + " versions",
                    last + "."),
            "Look at them all: ./weir sql \"select * from lineage.%s order by at\"."
                .formatted(kind.equals("dataset:") ? "datasets" : "models"));
      }
      return WeirException.user(
          "no-reference",
          "No run has read or made %s%s".formatted(reference, Nearest.ending(reference, known)),
          known.isEmpty()
              ? "There is no %s in this home yet.".formatted(kind.substring(0, kind.length() - 1))
              : "The last that there is: " + last(known) + ".");
    }

    private static String last(Collection<String> known) {
      String last = "";
      for (String reference : known) {
        last = reference;
      }
      return last;
    }

    /** All of a kind, the oldest first. */
    private Collection<String> references(String kind) {
      Map<String, Instant> first = new HashMap<>();
      List<Row> rows = new ArrayList<>(lineage.late(LineageTable.REFERENCE_RUNS));
      lineage
          .files(LineageTable.REFERENCE_RUNS, List.of("reference", "at"))
          .map(TableFiles::rows)
          .ifPresent(rows::addAll);
      for (Row row : rows) {
        String reference = row.string("reference");
        if (reference.startsWith(kind)) {
          Instant at = Objects.requireNonNull(row.instant("at"));
          first.merge(reference, at, (a, b) -> a.isBefore(b) ? a : b);
        }
      }
      return first.entrySet().stream()
          .sorted(
              Map.Entry.<String, Instant>comparingByValue()
                  .thenComparing(Map.Entry.comparingByKey()))
          .map(Map.Entry::getKey)
          .toList();
    }
  }
}
