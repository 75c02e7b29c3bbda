package dev.weir.cli;

import dev.weir.lineage.Fact;
import dev.weir.run.RunEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a stage did, in a few words. */
final class StageText {
  private StageText() {}

  static String word(Enum<?> state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** What it published: {@code credit.raw@0 48,012 rows}. */
  static String made(Fact.StageFinished facts, List<Fact.ModelRegistered> registered) {
    List<String> parts = new ArrayList<>();
    for (Fact.DatasetWritten dataset : facts.datasets()) {
      parts.add(bare(dataset.reference()) + " " + Text.count(dataset.rows(), "row"));
    }
    for (Fact.ModelWritten model : facts.models()) {
      parts.add(
          "candidate of %s (%s, %s)"
              .formatted(
                  name(model.reference()),
                  Text.simpleName(model.type()),
                  Text.bytes(model.bytes())));
    }
    for (Fact.ModelRegistered model : registered) {
      parts.add("model " + bare(model.reference()));
    }
    return String.join(", ", parts);
  }

  /** What is used again, and why: {@code credit.raw@0 48,012 rows, the same as in run …}. */
  static String reused(RunEvent.StageReused event) {
    String made = made(event.facts(), event.registered());
    return made.isEmpty() ? event.reason() : made + ", " + event.reason();
  }

  /** A reference without its kind: {@code credit.raw@0}. */
  static String bare(String reference) {
    return reference.substring(reference.indexOf(':') + 1);
  }

  /** The name in a reference: {@code credit.raw}. */
  static String name(String reference) {
    String bare = bare(reference);
    int at = bare.lastIndexOf('@');
    return at < 0 ? bare : bare.substring(0, at);
  }
}
