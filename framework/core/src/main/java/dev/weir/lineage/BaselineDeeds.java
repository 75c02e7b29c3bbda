package dev.weir.lineage;

import dev.weir.artifact.DatasetName;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.profile.Figure;
import dev.weir.profile.Past;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What people do about levels that are not what they were. */
public final class BaselineDeeds {
  private BaselineDeeds() {}

  /**
   * Takes the level of a version for the new normal: what came before it no longer counts.
   *
   * @param version which version, or null for the newest that was looked into
   * @param figures of which figures; empty for all
   * @throws WeirException {@code no-profile} if nothing is known of the version; {@code no-column}
   *     if a figure is of a column that it does not have
   */
  public static Fact.BaselineAccepted accept(
      Events events,
      DatasetName name,
      @Nullable Long version,
      List<Figure> figures,
      Actor by,
      String reason) {
    return Deeds.commit(
        events,
        "weir/baseline/" + name,
        seen -> {
          ProfileHistory history =
              ProfileHistory.newestTable(seen, name).orElseThrow(() -> unknown(seen, name));
          Optional<Past> found = version == null ? history.newest() : history.version(version);
          Past past =
              found.orElseThrow(
                  () ->
                      noProfile(
                          "dataset:%s@%d".formatted(name, version),
                          "The newest that was looked into is %s."
                              .formatted(history.newest().orElseThrow().version().reference())));
          figures.forEach(figure -> figure.requireIn(past.profile()));
          return new Fact.BaselineAccepted(
              Deeds.after(Instant.now(), null),
              by,
              past.version().reference(),
              history.tableId(),
              figures.stream().map(Figure::toString).distinct().toList(),
              reason);
        });
  }

  private static WeirException unknown(LineageReader seen, DatasetName name) {
    List<String> names =
        Published.of(seen).datasets().keySet().stream().map(DatasetName::toString).toList();
    return names.contains(name.toString())
        ? noProfile(
            "dataset:" + name,
            "A stage 'validate' that reads it makes one: accept the dataset that it checks.")
        : WeirException.user(
            "unknown-dataset",
            "There is no dataset %s in the home".formatted(name)
                + Nearest.ending(name.toString(), names),
            names.isEmpty() ? "" : "There are " + String.join(", ", names) + ".");
  }

  private static WeirException noProfile(String what, String advice) {
    return WeirException.user("no-profile", "There is no profile of %s.".formatted(what), advice);
  }
}
