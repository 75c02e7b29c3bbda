package dev.weir.cli;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Published;
import dev.weir.pipeline.Input;
import java.util.List;

/** Which dataset, as people name it: {@code credit.raw@3}, with {@code dataset:} or without. */
final class DatasetChoice {
  private static final String PREFIX = "dataset:";

  private DatasetChoice() {}

  static Input parse(String text) {
    try {
      return Input.parse(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
    } catch (IllegalArgumentException e) {
      throw WeirException.user("invalid-dataset", e.getMessage() + ".", "");
    }
  }

  /** What is published of it; throws {@code unknown-dataset} with the nearest there is. */
  static Fact.DatasetWritten find(Published published, Input asked) {
    return published
        .dataset(asked.name(), asked.version())
        .orElseThrow(
            () -> {
              List<String> names =
                  published.datasets().keySet().stream().map(Object::toString).toList();
              return WeirException.user(
                  "unknown-dataset",
                  "There is no dataset %s in the home".formatted(asked)
                      + Nearest.ending(asked.toString(), names),
                  "There are " + String.join(", ", names) + ".");
            });
  }
}
