package dev.weir.pin;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Fact;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Takes pins off, and finds the datasets and versions that people name. */
public final class PinRelease {
  private static final String SEE = "See ./weir pins.";

  private PinRelease() {}

  /**
   * The fact that a pin is released; to be made durable by the caller.
   *
   * @param reference the dataset version, {@code dataset:credit.clean@3} or without its kind
   * @param holder for whom it is pinned
   * @throws WeirException {@code unknown-version}, {@code not-pinned} or {@code pin-held}
   */
  public static Fact.PinReleased of(
      Pins pins, String reference, String holder, Actor by, String reason, Instant now) {
    DatasetVersion version = version(pins, reference);
    List<Pin> found =
        pins.of(version.name()).stream().filter(pin -> pin.dataset().equals(version)).toList();
    List<String> holders = found.stream().map(Pin::holder).distinct().toList();
    if (!holders.contains(holder)) {
      throw WeirException.user(
          "not-pinned",
          holders.isEmpty()
              ? "Nothing pins %s.".formatted(version)
              : "%s is not pinned for '%s'%s"
                  .formatted(version, holder, Nearest.ending(holder, holders)),
          holders.isEmpty() ? SEE : "It is pinned for %s.".formatted(String.join(", ", holders)));
    }
    for (Pin pin : found) {
      if (!pin.holder().equals(holder) || pin.kind().releasable()) {
        continue;
      }
      throw pin.kind() == Pin.Kind.LATEST
          ? WeirException.user(
              "pin-held",
              "%s is the latest version, which stays for everybody.".formatted(version),
              "Publish a newer one; this one then stays for those that name it.")
          : WeirException.user(
              "pin-held",
              "Run %s is under way and needs %s.".formatted(holder, version),
              "Wait until it has ended, or cancel it: ./weir cancel %s.".formatted(holder));
    }
    return new Fact.PinReleased(now, by, version.reference(), holder, reason);
  }

  /** The version that a person names; throws if no stage has published it. */
  private static DatasetVersion version(Pins pins, String text) {
    DatasetVersion version;
    try {
      ArtifactVersion parsed = ArtifactVersion.parse(text.contains(":") ? text : "dataset:" + text);
      if (!(parsed instanceof DatasetVersion dataset)) {
        throw new IllegalArgumentException("'%s' is no version of a dataset".formatted(text));
      }
      version = dataset;
    } catch (IllegalArgumentException e) {
      throw WeirException.user(
          "invalid-reference", e.getMessage() + ".", "Write it as dataset:credit.clean@3.");
    }
    dataset(pins, version.name().toString());
    Set<Long> versions =
        pins.versions(version.name()).stream()
            .map(published -> published.dataset().version())
            .collect(Collectors.toSet());
    if (!versions.contains(version.version())) {
      throw WeirException.user(
          "unknown-version",
          "No stage has published version %d of %s.".formatted(version.version(), version.name()),
          "Its versions are %s."
              .formatted(
                  versions.stream()
                      .sorted()
                      .map(String::valueOf)
                      .collect(Collectors.joining(", "))));
    }
    return version;
  }

  /** The dataset that a person names; throws if no stage has published any version of it. */
  public static DatasetName dataset(Pins pins, String text) {
    DatasetName name;
    try {
      name = DatasetName.parse(text);
    } catch (IllegalArgumentException e) {
      throw WeirException.user("invalid-name", e.getMessage() + ".", SEE);
    }
    if (!pins.datasets().contains(name)) {
      List<String> names = pins.datasets().stream().map(DatasetName::toString).sorted().toList();
      throw WeirException.user(
          "unknown-dataset",
          "There is no dataset '%s'%s".formatted(name, Nearest.ending(text, names)),
          names.isEmpty()
              ? "Nothing is published in this home."
              : "There are %s.".formatted(String.join(", ", names)));
    }
    return name;
  }
}
