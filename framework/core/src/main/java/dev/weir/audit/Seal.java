package dev.weir.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a seal covers: events in the order in which they were committed, each with its digest. It
 * does not name their commits, which are no longer told apart once the table is compacted.
 *
 * @param after the version of the event table that the seal begins after
 * @param upTo the version that it goes up to
 * @param eventsTable the Delta table's id of the event table
 * @param signed whether the row of the seal bears a signature
 * @param events what it covers
 */
record Seal(long after, long upTo, String eventsTable, boolean signed, List<Sealed> events) {
  private static final JsonFactory JSON = new JsonFactory();

  /** About as many characters an event makes in a seal besides its run. */
  private static final int CHARACTERS = 130;

  Seal {
    events = List.copyOf(events);
  }

  /**
   * A sealed event.
   *
   * @param micros when it happened, in microseconds since 1970
   * @param digest as {@link EventDigest} says
   */
  record Sealed(long micros, String kind, String run, Hash digest) {
    /** About how many characters it makes in a seal. */
    int characters() {
      return CHARACTERS + kind.length() + run.length();
    }
  }

  /** The body of the seal's row, canonical. */
  String body() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("after", after);
      json.writeNumberField("count", events.size());
      json.writeArrayFieldStart("events");
      for (Sealed event : events) {
        json.writeStartObject();
        json.writeNumberField("at", event.micros());
        json.writeStringField("kind", event.kind());
        json.writeStringField("run", event.run());
        json.writeStringField("sha256", event.digest().hex());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeStringField("events_table", eventsTable);
      json.writeBooleanField("signed", signed);
      json.writeNumberField("up_to", upTo);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("A text can be written", e);
    }
    return CanonicalJson.of(text.toString());
  }

  /** Reads a body; empty if it is not that of a seal. */
  static Optional<Seal> parse(String body) {
    long after = -1;
    long upTo = -1;
    long count = -1;
    String table = "";
    boolean signed = false;
    List<Sealed> events = new ArrayList<>();
    Map<String, String> once = new HashMap<>();
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "after" -> after = json.getLongValue();
          case "up_to" -> upTo = json.getLongValue();
          case "count" -> count = json.getLongValue();
          case "events_table" -> table = json.getText();
          case "signed" -> signed = json.getBooleanValue();
          case "events" -> {
            if (value != JsonToken.START_ARRAY) {
              return Optional.empty();
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
              Sealed event = event(json, once);
              if (event == null) {
                return Optional.empty();
              }
              events.add(event);
            }
          }
          default -> json.skipChildren();
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return count == events.size() && upTo >= 0
        ? Optional.of(new Seal(after, upTo, table, signed, events))
        : Optional.empty();
  }

  private static @Nullable Sealed event(JsonParser json, Map<String, String> once)
      throws IOException {
    long micros = 0;
    String kind = "";
    String run = "";
    Hash digest = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "at" -> micros = json.getLongValue();
        case "kind" -> kind = once(json.getText(), once);
        case "run" -> run = once(json.getText(), once);
        case "sha256" -> digest = Hash.parse(json.getText());
        default -> json.skipChildren();
      }
    }
    return digest == null ? null : new Sealed(micros, kind, run, digest);
  }

  private static String once(String text, Map<String, String> once) {
    String before = once.putIfAbsent(text, text);
    return before == null ? text : before;
  }
}
