package dev.weir.alert;

import dev.weir.config.AlertKind;
import dev.weir.config.AlertSeverity;
import dev.weir.lineage.Fact;
import dev.weir.lineage.StageState;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What became of a run or of a part of it, of which somebody may have to be told. */
public sealed interface Occasion {
  /**
   * Something went wrong.
   *
   * @param began when
   * @param stage where, or null for the run
   * @param attempt the attempt at the stage, or null
   * @param code the stable name of what went wrong
   * @param message what went wrong, in sentences
   * @param checks the checks that failed
   */
  record Trouble(
      Instant began,
      AlertKind kind,
      AlertSeverity severity,
      String pipeline,
      String run,
      @Nullable String stage,
      @Nullable Integer attempt,
      String code,
      String message,
      List<Fact.Check> checks)
      implements Occasion {
    public Trouble {
      Objects.requireNonNull(kind);
      Objects.requireNonNull(severity);
      checks = List.copyOf(checks);
    }

    /** A stage failed or was halted by its gate, and is not tried again. */
    public static Trouble of(Fact.StageFinished end) {
      boolean halted = end.state() == StageState.HALTED;
      return new Trouble(
          end.at(),
          halted ? AlertKind.GATE_HALTED : AlertKind.STAGE_FAILED,
          AlertSeverity.ERROR,
          end.pipeline(),
          end.run(),
          end.stage(),
          end.attempt(),
          code(end.error()),
          message(end.error()),
          end.checks().stream().filter(Fact.Check::halts).toList());
    }

    /** A run failed, which no stage of it did. */
    public static Trouble of(Fact.RunFinished end) {
      return new Trouble(
          end.at(),
          AlertKind.RUN_FAILED,
          AlertSeverity.ERROR,
          end.pipeline(),
          end.run(),
          null,
          null,
          code(end.error()),
          message(end.error()),
          List.of());
    }

    /**
     * A run's process was found dead.
     *
     * @param lastSeen when it was last heard of
     * @param message what is known of its end, in sentences
     * @param goesOn whether somebody goes on with its work
     */
    public static Trouble died(
        Instant lastSeen, String pipeline, String run, String message, boolean goesOn) {
      return new Trouble(
          lastSeen,
          AlertKind.RUN_DIED,
          goesOn ? AlertSeverity.WARN : AlertSeverity.ERROR,
          pipeline,
          run,
          null,
          null,
          "died",
          message,
          List.of());
    }

    private static String code(Fact.@Nullable Failure error) {
      return error == null ? "unknown" : error.code();
    }

    private static String message(Fact.@Nullable Failure error) {
      return error == null ? "It is not known why." : error.message();
    }

    /** What it is about: what was checked, or the stage, or the pipeline. */
    String subject() {
      if (!checks.isEmpty()) {
        return checks.get(0).subject();
      }
      return stage == null ? pipeline : pipeline + "/" + stage;
    }

    /** What makes it the same when it comes back: not the run, and no version. */
    String identity() {
      TreeSet<String> broken = new TreeSet<>();
      for (Fact.Check check : checks) {
        int version = check.subject().lastIndexOf('@');
        broken.add(
            "%s %s of %s"
                .formatted(
                    check.name(),
                    check.column() == null ? "" : check.column(),
                    version < 0 ? check.subject() : check.subject().substring(0, version)));
      }
      return "%s/%s/%s/%s/%s"
          .formatted(pipeline, kind, stage == null ? "" : stage, code, String.join(", ", broken));
    }
  }

  /**
   * A run succeeded.
   *
   * @param published the stages whose results are published
   * @param stages all stages that the pipeline has
   */
  record Success(Fact.RunFinished end, Set<String> published, Set<String> stages)
      implements Occasion {
    public Success {
      published = Set.copyOf(published);
      stages = Set.copyOf(stages);
    }

    /** Whether it shows that what went wrong in a stage, or null for the run, is over. */
    boolean settles(@Nullable String stage) {
      return stage == null || published.contains(stage) || !stages.contains(stage);
    }
  }
}
