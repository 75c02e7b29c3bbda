package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.lineage.Walk;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prints what something was made from, or what was made from it; without Spark. */
final class LineageWalk {
  private final URI location;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  LineageWalk(URI location, PrintStream out, PrintStream err) {
    this.location = location;
    this.out = out;
    this.err = err;
  }

  int print(Walk.Start start, Walk.Direction direction, int depth, LineageCommand.Format format) {
    try (HomeReader home = HomeReader.open(location)) {
      Walk walk = Walk.of(home.lineage(), start, direction, depth);
      switch (format) {
        case tree -> new Tree(walk).print();
        case json -> json(walk);
        case mermaid -> mermaid(walk);
        case dot -> dot(walk);
      }
      if (start.table() == null && !walk.otherTables().isEmpty()) {
        err.println(
            "weir: %s stood in several tables; this is the newest, %s. Another: --table %s"
                .formatted(
                    walk.start().reference(),
                    walk.start().table(),
                    String.join(", --table ", walk.otherTables())));
      }
      return ExitCode.DONE;
    }
  }

  /** The nodes next to each, in the direction of the walk. */
  private static Map<Walk.Node, Set<Walk.Node>> next(Walk walk) {
    Map<Walk.Node, Set<Walk.Node>> next = new HashMap<>();
    for (Walk.Edge edge : walk.edges()) {
      boolean up = walk.direction() == Walk.Direction.UP;
      next.computeIfAbsent(up ? edge.to() : edge.from(), node -> new LinkedHashSet<>())
          .add(up ? edge.from() : edge.to());
    }
    return next;
  }

  /** Each thing once with what is next to it; where it is met again, a pointer. */
  private final class Tree {
    private final Walk walk;
    private final Map<Walk.Node, Set<Walk.Node>> next;
    private final Set<Walk.Node> shown = new HashSet<>();
    private final List<Line> lines = new ArrayList<>();

    private record Line(String indent, Walk.Node node, boolean again) {
      int width() {
        String text = indent + node.reference();
        return text.codePointCount(0, text.length());
      }
    }

    /** What is still to be shown: a graph may be deeper than the stack. */
    private record Pending(Walk.Node node, String before, String branch, String below) {}

    Tree(Walk walk) {
      this.walk = walk;
      this.next = next(walk);
    }

    void print() {
      List<Pending> stack = new ArrayList<>();
      stack.add(new Pending(walk.start(), "", "", ""));
      while (!stack.isEmpty()) {
        Pending pending = stack.remove(stack.size() - 1);
        boolean again = !shown.add(pending.node());
        List<Walk.Node> children =
            List.copyOf(next.getOrDefault(pending.node(), new LinkedHashSet<>()));
        lines.add(
            new Line(
                pending.before() + pending.branch(), pending.node(), again && !children.isEmpty()));
        if (again) {
          continue;
        }
        String below = pending.before() + pending.below();
        for (int i = children.size() - 1; i >= 0; i--) {
          boolean last = i == children.size() - 1;
          stack.add(
              new Pending(children.get(i), below, last ? "└─ " : "├─ ", last ? "   " : "│  "));
        }
      }
      // Files have long names, and nothing stands beside them.
      int width =
          lines.stream()
              .filter(line -> line.node().maker() != null && !line.again())
              .mapToInt(Line::width)
              .max()
              .orElse(0);
      int stage =
          lines.stream()
              .map(line -> line.node().maker())
              .filter(Objects::nonNull)
              .mapToInt(maker -> stage(maker).length())
              .max()
              .orElse(0);
      lines.forEach(line -> print(line, width, stage));
      out.println(ansi.dim(sum(walk.nodes().size() - 1L)));
    }

    private String sum(long count) {
      if (walk.direction() == Walk.Direction.UP) {
        return count == 0
            ? "Made from nothing else."
            : "Made from %s.".formatted(Text.count(count, "thing"));
      }
      return count == 0
          ? "Nothing was made from it."
          : "%s made from it.".formatted(Text.count(count, "thing"));
    }

    private static String stage(Walk.Maker maker) {
      return maker.pipeline() + "." + maker.stage();
    }

    private void print(Line line, int width, int stage) {
      String reference = line.node().reference();
      if (line.again()) {
        out.println(ansi.dim(line.indent()) + reference + ansi.dim("  ↑ above"));
        return;
      }
      Walk.Maker maker = line.node().maker();
      out.println(
          ansi.dim(line.indent())
              + painted(reference)
              + (maker == null
                  ? ""
                  : " ".repeat(Math.max(0, width - line.width()))
                      + ansi.dim(
                          "  %s  %s  %s"
                              .formatted(
                                  Text.pad(stage(maker), stage),
                                  maker.run(),
                                  Text.time(maker.at())))));
    }

    private String painted(String reference) {
      return switch (kind(reference)) {
        case "dataset" -> ansi.cyan(reference);
        case "file" -> reference;
        default -> ansi.green(reference);
      };
    }
  }

  private static String kind(String reference) {
    return reference.substring(0, reference.indexOf(':'));
  }

  private void json(Walk walk) {
    ObjectMapper mapper = new ObjectMapper();
    Map<Walk.Node, String> digests = walk.digests();
    ObjectNode object = mapper.createObjectNode();
    object.put("reference", walk.start().reference());
    object.put("direction", walk.direction().name().toLowerCase(Locale.ROOT));
    ArrayNode nodes = object.putArray("nodes");
    for (Walk.Node node : walk.nodes()) {
      ObjectNode each = nodes.addObject();
      each.put("reference", node.reference());
      each.put("kind", kind(node.reference()));
      each.put("depth", node.depth());
      putIfThere(each, "table_id", node.table());
      putIfThere(each, "digest", digests.get(node));
      Walk.Maker maker = node.maker();
      if (maker != null) {
        put(each, maker);
      }
    }
    ArrayNode edges = object.putArray("edges");
    for (Walk.Edge edge : walk.edges()) {
      ObjectNode each = edges.addObject();
      each.put("from", edge.from().reference());
      each.put("to", edge.to().reference());
      put(each, edge.by());
    }
    try {
      out.println(mapper.writerWithDefaultPrettyPrinter().writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + object, e);
    }
  }

  private static void putIfThere(ObjectNode object, String name, @Nullable String value) {
    if (value != null) {
      object.put(name, value);
    }
  }

  private static void put(ObjectNode object, Walk.Maker maker) {
    object.put("pipeline", maker.pipeline());
    object.put("run", maker.run());
    object.put("stage", maker.stage());
    object.put("attempt", maker.attempt());
    object.put("at", maker.at().toString());
  }

  private static Map<Walk.Node, String> names(Walk walk) {
    Map<Walk.Node, String> names = new HashMap<>();
    for (Walk.Node node : walk.nodes()) {
      names.put(node, "n" + names.size());
    }
    return names;
  }

  private void mermaid(Walk walk) {
    Map<Walk.Node, String> names = names(walk);
    out.println("flowchart LR");
    for (Walk.Node node : walk.nodes()) {
      out.printf(
          "  %s[\"%s\"]%n",
          names.get(node), node.reference().replace("&", "&amp;").replace("\"", "&quot;"));
    }
    for (Walk.Edge edge : walk.edges()) {
      out.printf(
          "  %s -->|%s| %s%n", names.get(edge.from()), edge.by().stage(), names.get(edge.to()));
    }
  }

  private void dot(Walk walk) {
    Map<Walk.Node, String> names = names(walk);
    out.println("digraph lineage {");
    out.println("  rankdir=LR;");
    out.println("  node [shape=box, fontname=\"sans-serif\"];");
    for (Walk.Node node : walk.nodes()) {
      out.printf("  %s [label=\"%s\"];%n", names.get(node), quoted(node.reference()));
    }
    for (Walk.Edge edge : walk.edges()) {
      out.printf(
          "  %s -> %s [label=\"%s\"];%n",
          names.get(edge.from()), names.get(edge.to()), quoted(edge.by().stage()));
    }
    out.println("}");
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
