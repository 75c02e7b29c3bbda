package dev.weir.audit;

import dev.weir.lineage.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A fitted model, whose files have to be there.
 *
 * @param registered the version that it was registered as, or null
 */
record FittedModel(Fact.ModelWritten written, @Nullable String registered) {
  /** The name by which people know it. */
  String text() {
    return registered == null
        ? written.reference()
        : "%s (%s)".formatted(registered, written.reference());
  }

  /** Whether anything of a fitted model follows from an event of this kind. */
  static boolean follows(String kind, String body) {
    return switch (kind) {
      case "model-registered" -> true;
      case "stage-finished" -> !body.contains("\"models\":[]");
      default -> false;
    };
  }

  /**
   * Every fitted model, each once.
   *
   * @param facts those of which {@link #follows} is true, in any order
   */
  static List<FittedModel> of(List<Fact> facts) {
    Map<String, String> names = new HashMap<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.ModelRegistered registration) {
        names.put(registration.candidate(), registration.reference());
      }
    }
    List<FittedModel> models = new ArrayList<>();
    Set<Fact.ModelWritten> seen = new HashSet<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.StageFinished stage && stage.reused() == null) {
        for (Fact.ModelWritten written : stage.models()) {
          if (seen.add(written)) {
            models.add(new FittedModel(written, names.get(written.reference())));
          }
        }
      }
    }
    return models;
  }
}
