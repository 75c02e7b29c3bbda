package dev.weir.cli;

import dev.weir.artifact.DatasetName;
import dev.weir.config.Project;
import dev.weir.error.WeirException;
import dev.weir.lineage.Actor;
import dev.weir.lineage.Deeds;
import dev.weir.lineage.Fact;
import dev.weir.lineage.InterventionDeeds;
import dev.weir.pipeline.Input;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which somebody accepts what a gate refused. */
final class AcceptOptions {
  @Option(
      names = "--accept",
      paramLabel = "DATASET",
      description = {
        "Accept this version of a dataset, such as credit.raw or credit.raw@3, though a gate of",
        "the pipeline refused it; with --reason, and --by. It is kept in the audit trail."
      })
  List<String> datasets = new ArrayList<>();

  @Mixin DeedOptions deed = new DeedOptions();

  /** What is accepted, read and complete; before anything else is done. */
  Acceptance read() {
    if (datasets.isEmpty()) {
      if (deed.reason != null || deed.by != null) {
        throw WeirException.user(
            "nothing-to-accept",
            "--reason and --by say why something is accepted, and nothing is.",
            "Name the dataset with --accept, or leave them out.");
      }
      return new Acceptance(List.of(), deed.actor(), "");
    }
    List<Input> inputs = new ArrayList<>();
    for (String dataset : datasets) {
      inputs.add(dataset(dataset));
    }
    return new Acceptance(inputs, deed.actor(), Deeds.reason(deed.reason));
  }

  /** A dataset, with its version where that is said. */
  static Input dataset(String text) {
    try {
      return Input.parse(text.startsWith("dataset:") ? text.substring("dataset:".length()) : text);
    } catch (IllegalArgumentException e) {
      throw WeirException.user("invalid-dataset", e.getMessage() + ".", "");
    }
  }

  /**
   * What somebody accepts.
   *
   * @param datasets of which the gate's last refusal is overridden
   */
  record Acceptance(List<Input> datasets, Actor by, String reason) {
    Acceptance {
      datasets = List.copyOf(datasets);
    }

    /**
     * Says so for good.
     *
     * @param said where a person reads it, or null where only a program does
     */
    void commit(URI location, Project project, String pipeline, @Nullable PrintStream said) {
      if (datasets.isEmpty()) {
        return;
      }
      try (HomeReader home = HomeReader.open(location)) {
        for (Input dataset : datasets) {
          DatasetName name = dataset.name();
          Fact.GateOverridden deed =
              InterventionDeeds.override(
                  home.events(), pipeline, name, dataset.version(), by, reason);
          if (said != null) {
            said.println(
                "Accepted by %s: %s, though %s refused it for %s (%s in the audit trail)."
                    .formatted(
                        deed.by().text(),
                        deed.reference(),
                        deed.gate(),
                        deed.checks().stream()
                            .map(c -> c.column() == null ? c.name() : c.name() + " " + c.column())
                            .collect(Collectors.joining(", ")),
                        deed.id()));
          }
        }
        AuditActions.seal(home.events(), project, System.err);
      }
    }
  }
}
