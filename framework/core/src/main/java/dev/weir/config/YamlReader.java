package dev.weir.config;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2 by its core schema, so that {@code no} and {@code 2024-01-31} stay text, into a
 * tree in which every node knows its place.
 *
 * <p>Files are configuration, not data: they hold at most 8 million characters, nest at most 64
 * deep and come to at most a million nodes when every alias is written out.
 */
public final class YamlReader {
  private static final int MOST_CHARACTERS = 8_000_000;
  private static final int MOST_DEPTH = 64;
  private static final int MOST_NODES = 1_000_000;

  private YamlReader() {}

  /**
   * Reads a file.
   *
   * @param shown the file's name in messages
   * @return the tree, or null if a fault keeps it from being one
   */
  public static @Nullable Yaml read(Path file, String shown, Problems problems) {
    String text;
    try {
      if (Files.size(file) > 4L * MOST_CHARACTERS) {
        problems.add(new Location(shown, 1, 1), tooLong());
        return null;
      }
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      problems.add(new Location(shown, 1, 1), "the file is not UTF-8 text");
      return null;
    } catch (IOException e) {
      throw WeirException.user(
          "unreadable-file", "Can't read %s: %s.".formatted(shown, e), "Check that it is there.");
    }
    return parse(shown, text, problems);
  }

  /**
   * Reads a text.
   *
   * @param shown the file's name in messages
   * @return the tree, or null if a fault keeps it from being one
   */
  public static @Nullable Yaml parse(String shown, String text, Problems problems) {
    if (text.length() > MOST_CHARACTERS) {
      problems.add(new Location(shown, 1, 1), tooLong());
      return null;
    }
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(shown)
            .setSchema(new CoreSchema())
            .setCodePointLimit(MOST_CHARACTERS)
            .build();
    try {
      return new Tree(shown, new Parse(settings).parseString(text).iterator(), problems).document();
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      Location at =
          mark.map(m -> new Location(shown, m.getLine() + 1, m.getColumn() + 1))
              .orElse(new Location(shown, 1, 1));
      problems.add(at, syntax(e, line(text, at.line())));
    } catch (ReaderException e) {
      problems.add(
          at(shown, text, e.getPosition()),
          "the character U+%04X can't stand in YAML".formatted(e.getCodePoint()));
    } catch (Refused e) {
      problems.add(e.at, String.valueOf(e.getMessage()));
    } catch (YamlEngineException e) {
      problems.add(new Location(shown, 1, 1), "not YAML: " + e.getMessage());
    }
    return null;
  }

  private static String tooLong() {
    return "the file is longer than %,d characters".formatted(MOST_CHARACTERS);
  }

  private static String syntax(MarkedYamlEngineException e, String line) {
    StringBuilder message = new StringBuilder("not YAML: ");
    if (e.getContext() != null) {
      message.append(e.getContext()).append(", ");
    }
    message.append(e.getProblem());
    if (line.contains("${")) {
      message.append("; inside { } and [ ] a parameter is quoted: \"${name}\"");
    }
    return message.toString();
  }

  private static String line(String text, int number) {
    return text.lines().skip(number - 1L).findFirst().orElse("");
  }

  private static Location at(String shown, String text, int position) {
    String before = text.substring(0, Math.min(position, text.length()));
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    return new Location(shown, line, before.length() - (before.lastIndexOf('\n') + 1) + 1);
  }

  /** Ends the reading of a document that breaks a limit. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Location at;

    Refused(Location at, String message) {
      super(message, null, false, false);
      this.at = at;
    }
  }

  /** A node with the number of nodes it comes to. */
  private record Sized(Yaml node, int nodes) {}

  /**
   * Builds the tree from events: an anchor is known only once its node is complete, so a node can't
   * hold itself, and what aliases come to is counted as they are met.
   */
  private static final class Tree {
    private final String shown;
    private final Iterator<Event> events;
    private final Problems problems;
    private final ScalarResolver resolver = new CoreSchema().getScalarResolver();
    private final Map<String, Sized> anchors = new HashMap<>();

    Tree(String shown, Iterator<Event> events, Problems problems) {
      this.shown = shown;
      this.events = events;
      this.problems = problems;
    }

    @Nullable Yaml document() {
      events.next();
      if (events.next().getEventId() == Event.ID.StreamEnd) {
        return new Yaml.Scalar(new Location(shown, 1, 1), null, "");
      }
      Yaml node = node(events.next(), 0).node();
      events.next();
      Event after = events.next();
      if (after.getEventId() != Event.ID.StreamEnd) {
        throw new Refused(at(after), "a second document begins here; a file holds one");
      }
      return node;
    }

    private Sized node(Event event, int depth) {
      if (depth > MOST_DEPTH) {
        throw new Refused(at(event), "nested deeper than " + MOST_DEPTH);
      }
      Sized node;
      switch (event.getEventId()) {
        case Alias -> {
          String name = ((AliasEvent) event).getAlias().getValue();
          Sized target = anchors.get(name);
          if (target == null) {
            throw new Refused(
                at(event), "*%s names no anchor that is complete before it".formatted(name));
          }
          return target;
        }
        case Scalar -> node = new Sized(scalar((ScalarEvent) event), 1);
        case SequenceStart -> node = sequence((CollectionStartEvent) event, depth);
        default -> node = mapping((CollectionStartEvent) event, depth);
      }
      ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), node));
      return node;
    }

    private Sized sequence(CollectionStartEvent start, int depth) {
      tag(start, start.getTag(), Tag.SEQ);
      List<Yaml> items = new ArrayList<>();
      int nodes = 1;
      for (Event event = events.next();
          event.getEventId() != Event.ID.SequenceEnd;
          event = events.next()) {
        Sized item = node(event, depth + 1);
        items.add(item.node());
        nodes = sum(event, nodes, item.nodes());
      }
      return new Sized(new Yaml.Sequence(at(start), items), nodes);
    }

    private Sized mapping(CollectionStartEvent start, int depth) {
      tag(start, start.getTag(), Tag.MAP);
      Map<String, Yaml.Entry> entries = new LinkedHashMap<>();
      int nodes = 1;
      for (Event event = events.next();
          event.getEventId() != Event.ID.MappingEnd;
          event = events.next()) {
        Location at = at(event);
        Yaml key = node(event, depth + 1).node();
        Event following = events.next();
        Sized value = node(following, depth + 1);
        nodes = sum(following, nodes, value.nodes() + 1);
        if (!(key instanceof Yaml.Scalar scalar)) {
          problems.add(at, "a key is a single value, not " + key.describe());
          continue;
        }
        Yaml.Entry first = entries.putIfAbsent(scalar.text(), new Yaml.Entry(at, value.node()));
        if (first != null) {
          problems.add(
              at,
              "the key '%s' stands here a second time; the first is at %s"
                  .formatted(scalar.text(), first.key()));
        }
      }
      return new Sized(new Yaml.Mapping(at(start), entries), nodes);
    }

    private int sum(Event event, int nodes, int more) {
      long sum = (long) nodes + more;
      if (sum > MOST_NODES) {
        throw new Refused(
            at(event),
            "with its aliases written out the file has over %,d values".formatted(MOST_NODES));
      }
      return (int) sum;
    }

    private Yaml.Scalar scalar(ScalarEvent event) {
      String text = event.getValue();
      Tag tag =
          event
              .getTag()
              // The tag "!" says only that a value is not to be resolved.
              .map(t -> t.equals("!") ? Tag.STR : new Tag(t))
              .orElseGet(
                  () -> resolver.resolve(text, event.getImplicit().canOmitTagInPlainScalar()));
      Location at = at(event);
      // The resolver has a tag of its own for ${name}, which means environment variables.
      if (tag.equals(Tag.STR) || tag.equals(Tag.ENV_TAG)) {
        return new Yaml.Scalar(at, text, text);
      }
      // A tag that was written out may not fit its text: !!int abc.
      Tag plain = resolver.resolve(text, true);
      boolean fits = tag.equals(plain) || (tag.equals(Tag.FLOAT) && plain.equals(Tag.INT));
      if (!fits) {
        problems.add(
            at, "'%s' is not of the type that its tag %s asks for".formatted(text, tag.getValue()));
        return new Yaml.Scalar(at, text, text);
      }
      return new Yaml.Scalar(at, value(at, tag, text), text);
    }

    private @Nullable Object value(Location at, Tag tag, String text) {
      if (tag.equals(Tag.NULL)) {
        return null;
      }
      if (tag.equals(Tag.BOOL)) {
        return Boolean.valueOf(text);
      }
      if (tag.equals(Tag.FLOAT)) {
        return switch (text.replace("+", "").toLowerCase(Locale.ROOT)) {
          case ".inf" -> Double.POSITIVE_INFINITY;
          case "-.inf" -> Double.NEGATIVE_INFINITY;
          case ".nan" -> Double.NaN;
          default -> Double.valueOf(text);
        };
      }
      try {
        if (text.startsWith("0o")) {
          return Long.valueOf(text.substring(2), 8);
        }
        return text.startsWith("0x") ? Long.valueOf(text.substring(2), 16) : Long.valueOf(text);
      } catch (NumberFormatException e) {
        problems.add(at, "%s does not fit in 64 bits; if it is text, quote it".formatted(text));
        return text;
      }
    }

    private void tag(Event event, Optional<String> tag, Tag expected) {
      tag.filter(t -> !t.equals("!") && !t.equals(expected.getValue()))
          .ifPresent(t -> problems.add(at(event), "the tag %s is not known here".formatted(t)));
    }

    private Location at(Event event) {
      return event
          .getStartMark()
          .map(mark -> new Location(shown, mark.getLine() + 1, mark.getColumn() + 1))
          .orElse(new Location(shown, 1, 1));
    }
  }
}
