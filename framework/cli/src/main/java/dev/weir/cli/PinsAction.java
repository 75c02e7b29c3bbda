package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.config.Project;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Fact;
import dev.weir.pin.Pin;
import dev.weir.pin.PinRelease;
import dev.weir.pin.Pins;
import java.io.PrintStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lists pins and takes them off; without Spark. */
final class PinsAction {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI location;
  private final Project project;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  PinsAction(URI location, Project project, PrintStream out, PrintStream err) {
    this.location = location;
    this.project = project;
    this.out = out;
    this.err = err;
  }

  /**
   * @param dataset only this one, or null for all
   */
  int list(@Nullable String dataset, boolean json) {
    try (HomeReader home = HomeReader.open(location)) {
      Pins pins = pins(home);
      List<Pin> found = dataset == null ? pins.all() : pins.of(PinRelease.dataset(pins, dataset));
      if (json) {
        found.forEach(this::printJson);
      } else {
        print(found);
      }
      return ExitCode.DONE;
    }
  }

  private Pins pins(HomeReader home) {
    home.update();
    return Pins.of(home.lineage(), project.config().retention(), Instant.now());
  }

  private void print(List<Pin> pins) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("dataset", "held for", "since (UTC)", "until (UTC)", "why"));
    for (Pin pin : pins) {
      Instant until = pin.until();
      cells.add(
          List.of(
              pin.dataset().reference() + (pin.gone() ? " (deleted)" : ""),
              pin.holder(),
              Text.time(pin.since()),
              until == null ? "" : Text.time(until),
              pin.why()));
    }
    print(cells, out, ansi);
  }

  /** Columns, the first row of which is their head. */
  static void print(List<List<String>> cells, PrintStream out, Ansi ansi) {
    int columns = cells.get(0).size();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        int column = i;
        int width =
            cells.stream()
                .mapToInt(each -> each.get(column).codePointCount(0, each.get(column).length()))
                .max()
                .orElse(0);
        line.append(i == columns - 1 ? row.get(i) : Text.pad(row.get(i), width) + "  ");
      }
      String text = line.toString().stripTrailing();
      out.println(row.equals(cells.get(0)) ? ansi.dim(text) : text);
    }
  }

  private void printJson(Pin pin) {
    Instant until = pin.until();
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("reference", pin.dataset().reference());
    object.put("dataset", pin.dataset().name().toString());
    object.put("version", pin.dataset().version());
    object.put("table_id", pin.tableId());
    object.put("holder", pin.holder());
    object.put("kind", pin.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    object.put("why", pin.why());
    object.put("since", pin.since().toString());
    object.put("until", until == null ? null : until.toString());
    object.put("deleted", pin.gone());
    try {
      out.println(JSON.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + object, e);
    }
  }

  int release(String reference, String holder, Actor by, String reason) {
    try (HomeReader home = HomeReader.open(location)) {
      Pins pins = pins(home);
      Fact.PinReleased released = PinRelease.of(pins, reference, holder, by, reason, Instant.now());
      home.events().append(List.of(released));
      Pins after = pins(home);
      List<String> others =
          after.all().stream()
              .filter(pin -> pin.dataset().reference().equals(released.reference()))
              .map(Pin::holder)
              .distinct()
              .toList();
      out.println(
          "%s is no longer kept for %s. %s"
              .formatted(
                  released.reference(),
                  holder,
                  others.isEmpty()
                      ? "Nothing pins it any more: the next ./weir vacuum may delete it."
                      : "It is still kept for %s.".formatted(String.join(", ", others))));
      AuditActions.seal(home.events(), project, err);
      return ExitCode.DONE;
    }
  }
}
