package dev.weir.audit;

import dev.weir.artifact.DatasetVersion;
import dev.weir.pin.Pin;
import dev.weir.pin.Pins;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A dataset version that is pinned, and for whom.
 *
 * @param gone whether somebody has given it up
 */
record PinnedVersion(DatasetVersion dataset, String tableId, List<String> holders, boolean gone) {
  PinnedVersion {
    holders = List.copyOf(holders);
  }

  String text() {
    return "%s, pinned for %s".formatted(dataset, String.join(", ", new TreeSet<>(holders)));
  }

  private record Table(DatasetVersion dataset, String tableId) {}

  /** Every pinned version, each once with all its holders. */
  static List<PinnedVersion> of(Pins pins) {
    Map<Table, List<Pin>> byTable = new LinkedHashMap<>();
    for (Pin pin : pins.all()) {
      byTable
          .computeIfAbsent(new Table(pin.dataset(), pin.tableId()), table -> new ArrayList<>())
          .add(pin);
    }
    List<PinnedVersion> versions = new ArrayList<>();
    byTable.forEach(
        (table, held) ->
            versions.add(
                new PinnedVersion(
                    table.dataset(),
                    table.tableId(),
                    held.stream().map(Pin::holder).toList(),
                    held.get(0).gone())));
    return versions;
  }
}
