package dev.weir.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.QuarantineVersion;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Lists what was put aside; without Spark. */
final class QuarantineAction {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI location;
  private final PrintStream out;
  private final Ansi ansi = Ansi.of(System.getenv());

  QuarantineAction(URI location, PrintStream out) {
    this.location = location;
    this.out = out;
  }

  /**
   * @param all whether versions without a row are listed too
   */
  int list(boolean all, boolean json) {
    try (HomeReader home = HomeReader.open(location)) {
      LineageReader lineage = home.lineage();
      List<Fact.Deed> deeds = Interventions.of(lineage).all();
      List<QuarantineVersion> versions =
          QuarantineVersion.all(lineage).stream()
              .filter(version -> all || version.written().rows() > 0)
              .toList();
      if (json) {
        versions.forEach(version -> out.println(json(version, corrections(version, deeds))));
      } else if (versions.isEmpty()) {
        out.println("No row was put aside.");
      } else {
        print(versions, deeds);
      }
      return ExitCode.DONE;
    }
  }

  private void print(List<QuarantineVersion> versions, List<Fact.Deed> deeds) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("quarantine", "rows", "out of", "by", "when (UTC)", "run", "corrected"));
    for (QuarantineVersion version : versions) {
      List<Fact.RowsCorrected> corrections = corrections(version, deeds);
      cells.add(
          List.of(
              StageText.bare(version.written().reference()),
              Text.count(version.written().rows()),
              StageText.bare(version.from().reference()),
              version.gate(),
              Text.time(version.at()),
              version.run(),
              corrections.isEmpty()
                  ? ""
                  : corrections.get(0).rule() + " by " + corrections.get(0).by().text()));
    }
    PinsAction.print(cells, out, ansi);
    out.println(
        ansi.dim(
            "./weir quarantine show %s shows the rows."
                .formatted(
                    StageText.bare(versions.get(versions.size() - 1).written().reference()))));
  }

  private static List<Fact.RowsCorrected> corrections(
      QuarantineVersion version, List<Fact.Deed> deeds) {
    return deeds.stream()
        .filter(Fact.RowsCorrected.class::isInstance)
        .map(Fact.RowsCorrected.class::cast)
        .filter(deed -> deed.quarantine().equals(version.written().reference()))
        .filter(deed -> deed.gate().equals(version.gate()))
        .toList();
  }

  private static String json(QuarantineVersion version, List<Fact.RowsCorrected> corrections) {
    ObjectNode object = JSON.createObjectNode();
    object.put("reference", version.written().reference());
    object.put("rows", version.written().rows());
    object.put("from", version.from().reference());
    object.put("gate", version.gate());
    object.put("run", version.run());
    object.put("at", version.at().toString());
    ArrayNode corrected = object.putArray("corrections");
    for (Fact.RowsCorrected deed : corrections) {
      corrected
          .addObject()
          .put("id", deed.id())
          .put("rule", deed.rule())
          .put("by", deed.by().text())
          .put("reason", deed.reason())
          .put("at", deed.at().toString());
    }
    return object.toString();
  }
}
