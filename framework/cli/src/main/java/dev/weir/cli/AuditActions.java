package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.audit.AuditChain;
import dev.weir.audit.AuditHead;
import dev.weir.audit.AuditKey;
import dev.weir.audit.AuditReport;
import dev.weir.audit.AuditRow;
import dev.weir.audit.AuditVerification;
import dev.weir.audit.Finding;
import dev.weir.config.Project;
import dev.weir.config.Retention;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the commands about the audit chain do; all of it without Spark. */
final class AuditActions {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI location;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  AuditActions(URI location, PrintStream out, PrintStream err) {
    this.location = location;
    this.out = out;
    this.err = err;
  }

  /**
   * Brings what a command has just done under the chain. Where that fails, it is said and not
   * thrown: what was done is done, and the next command brings it under the chain.
   */
  static void seal(Events events, Project project, PrintStream err) {
    try {
      var unused = AuditChain.of(events, AuditKey.of(project)).extend();
    } catch (WeirException e) {
      err.println(
          "weir: It is done, but not under the audit chain yet: %s The next command brings it there."
              .formatted(e.text()));
    }
  }

  // --- weir audit verify

  int verify(
      @Nullable AuditHead kept, AuditKey.@Nullable Public key, Retention retention, boolean json) {
    try (HomeReader home = HomeReader.open(location)) {
      AuditReport report = AuditVerification.of(home.events(), kept, key, retention);
      if (json) {
        out.println(json(report));
      } else {
        print(report);
      }
      return report.intact() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private void print(AuditReport report) {
    List<Finding> findings = report.findings();
    for (Finding finding : findings) {
      out.println(ansi.red("✗") + " " + finding.text());
    }
    out.println(
        "Checked %s of the chain, %s, %s of %s and %s."
            .formatted(
                Text.count(report.rows(), "row"),
                Text.count(report.sealedEvents(), "sealed event"),
                Text.count(report.modelFiles(), "file"),
                Text.count(report.models(), "model"),
                Text.count(report.pinned(), "pinned dataset version")));
    if (report.unsealedEvents() > 0) {
      out.println(
          "%s since the last seal: ./weir audit head seals them."
              .formatted(Text.count(report.unsealedEvents(), "event")));
    }
    if (report.deleted() > 0) {
      out.println(
          "Not looked for: %s that somebody deleted; lineage.deletions says who."
              .formatted(Text.count(report.deleted(), "pinned dataset version")));
    }
    if (report.checkedSignatures() > 0) {
      out.println("%s checked.".formatted(Text.count(report.checkedSignatures(), "signature")));
    } else if (report.signatures() > 0) {
      out.println(
          "%s not checked: name the key with --public-key."
              .formatted(Text.count(report.signatures(), "signature")));
    }
    if (findings.isEmpty()) {
      out.println(
          ansi.green("✓") + " Everything is as it was recorded. Head " + report.head().text());
    } else {
      out.println(ansi.red(Text.count(findings.size(), "finding") + "."));
    }
  }

  private static String json(AuditReport report) {
    ObjectNode object = JSON.createObjectNode();
    object.put("intact", report.intact());
    object.put("head", report.head().text());
    object.put("rows", report.rows());
    object.put("signatures", report.signatures());
    object.put("checked_signatures", report.checkedSignatures());
    object.put("sealed_events", report.sealedEvents());
    object.put("unsealed_events", report.unsealedEvents());
    object.put("models", report.models());
    object.put("model_files", report.modelFiles());
    object.put("pinned_dataset_versions", report.pinned());
    object.put("deleted_dataset_versions", report.deleted());
    ArrayNode findings = object.putArray("findings");
    for (Finding finding : report.findings()) {
      findings
          .addObject()
          .put("code", finding.code())
          .put("found", finding.found())
          .put("remedy", finding.remedy());
    }
    return object.toString();
  }

  // --- weir audit head

  /**
   * @param place the options that lead to the same home, as words at the end of a command line
   */
  int head(Optional<AuditKey> key, String place) {
    try (HomeReader home = HomeReader.open(location)) {
      AuditHead head = AuditChain.of(home.events(), key).extend();
      out.println(head.text());
      if (head.signature() != null) {
        out.println("signature " + head.signature());
      }
      err.println(
          "Keep it where nobody who writes to the home can change it. Later, to check:%n  ./weir audit verify --head %s%s"
              .formatted(head.text(), place));
      if (head.signature() != null) {
        err.println(
            "The signature is Ed25519 over the 64 characters of the hash, in base64; it comes under --public-key.");
      }
      return ExitCode.DONE;
    }
  }

  // --- weir audit log

  int log(Optional<AuditKey> key, int limit) {
    try (HomeReader home = HomeReader.open(location)) {
      AuditChain chain = AuditChain.of(home.events(), key);
      var unused = chain.extend();
      List<AuditRow> rows = chain.newest(limit);
      int width = Math.max(6, rows.stream().mapToInt(row -> digits(row.number())).max().orElse(6));
      out.println(
          ansi.dim(
              "%s  %s  %s  %s"
                  .formatted(
                      Text.pad("number", width),
                      Text.pad("when (UTC)", 19),
                      Text.pad("kind", 13),
                      "what")));
      for (AuditRow row : rows) {
        out.println(
            "%s  %s  %s  %s"
                .formatted(
                    Text.pad(Long.toString(row.number()), width),
                    Text.time(row.at()),
                    Text.pad(row.kind(), 13),
                    what(row)));
      }
      return ExitCode.DONE;
    }
  }

  private static int digits(long number) {
    return Long.toString(number).length();
  }

  private static String what(AuditRow row) {
    JsonNode body;
    try {
      body = JSON.readTree(row.body());
    } catch (JsonProcessingException e) {
      return "A body that can't be read: see ./weir audit verify.";
    }
    return switch (row.kind()) {
      case AuditRow.SEAL ->
          "%s up to version %d of the events, by %s@%s"
              .formatted(
                  Text.count(body.path("count").asLong(), "event"),
                  row.eventsVersion(),
                  row.sealedBy(),
                  row.host());
      case "registered" ->
          "%s by run %s".formatted(body.path("reference").asText(), body.path("run").asText());
      case "alias-moved" ->
          "%s of %s: %s → %s%s"
              .formatted(
                  body.path("alias").asText(),
                  body.path("model").asText(),
                  body.path("from").asText("none"),
                  body.path("to").asText("none"),
                  who(body));
      case "pin-released" ->
          "%s for %s%s"
              .formatted(body.path("reference").asText(), body.path("holder").asText(), who(body));
      case "files-deleted" ->
          "%s of %s, %s%s"
              .formatted(
                  Text.count(body.path("files").asLong(), "file"),
                  body.path("dataset").asText(),
                  Text.bytes(body.path("bytes").asLong()),
                  who(body));
      case "alert-acknowledged" -> body.path("alert").asText() + who(body);
      case "alert-snoozed" ->
          "%s until %s%s"
              .formatted(
                  body.path("alert").asText(body.path("snoozed").asText()),
                  body.path("until").asText(),
                  who(body));
      case "gate-overridden" ->
          "%s at %s%s"
              .formatted(body.path("reference").asText(), body.path("gate").asText(), who(body));
      case "rows-corrected" ->
          "%s: %s%s".formatted(body.path("quarantine").asText(), rule(body), who(body));
      default -> body.path("reference").asText() + who(body);
    };
  }

  /** What becomes of rows, as SQL would say it. */
  private static String rule(JsonNode body) {
    List<String> set = new ArrayList<>();
    body.path("assignments")
        .forEach(
            each ->
                set.add(
                    "%s = %s"
                        .formatted(
                            each.path("column").asText(), each.path("expression").asText())));
    String condition = body.path("condition").asText("");
    return String.join(", ", set) + (condition.isEmpty() ? "" : " where " + condition);
  }

  private static String who(JsonNode body) {
    JsonNode by = body.path("by");
    String claimed = by.path("claimed").asText("");
    String overrode = body.path("overrode").asText("");
    return " by %s@%s%s: %s%s"
        .formatted(
            by.path("name").asText(),
            by.path("host").asText(),
            claimed.isEmpty() ? "" : " for " + claimed,
            body.path("reason").asText().replace('\n', ' '),
            overrode.isEmpty() ? "" : " (overrode: " + overrode + ")");
  }
}
