package dev.weir.cli;

import dev.weir.lineage.Fact;
import dev.weir.lineage.StageState;
import dev.weir.run.RunEvent;
import dev.weir.run.RunListener;
import java.io.PrintStream;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** One line an event, for logs and pipes. */
final class LineView implements RunListener {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

  private final PrintStream out;

  LineView(PrintStream out) {
    this.out = out;
  }

  @Override
  public void on(RunEvent event) {
    String text = text(event);
    if (!text.isEmpty()) {
      out.println(CLOCK.format(event.at()) + " " + text);
    }
  }

  private static String text(RunEvent event) {
    if (event instanceof RunEvent.Began e) {
      String said = e.note();
      return "run %s of %s: %s, home %s%s"
          .formatted(
              e.run(),
              e.pipeline(),
              Text.count(e.stages().size(), "stage"),
              e.home(),
              said == null ? "" : System.lineSeparator() + CLOCK.format(e.at()) + " " + said);
    }
    if (event instanceof RunEvent.Waiting e) {
      return Text.waiting(e);
    }
    if (event instanceof RunEvent.CancelAsked e) {
      return "cancelling the run. " + e.text();
    }
    if (event instanceof RunEvent.SparkReady e) {
      return "spark ready on %s in %s".formatted(e.master(), Text.duration(e.took()));
    }
    if (event instanceof RunEvent.StageBegan e) {
      return "%s began%s".formatted(e.stage(), e.attempt() == 1 ? "" : ", attempt " + e.attempt());
    }
    if (event instanceof RunEvent.StageRetried e) {
      return "%s attempt %d failed, again in %s: %s"
          .formatted(e.stage(), e.attempt(), Text.duration(e.delay()), e.error().message());
    }
    if (event instanceof RunEvent.StageEnded e) {
      Fact.StageFinished facts = e.facts();
      Fact.Failure error = facts.error();
      if (facts.state() == StageState.SKIPPED) {
        return facts.stage() + " skipped" + (error == null ? "" : suffix(error.message()));
      }
      return "%s %s in %s%s"
          .formatted(
              facts.stage(),
              StageText.word(facts.state()),
              Text.duration(Duration.between(facts.startedAt(), facts.at())),
              error == null
                  ? suffix(StageText.made(facts, e.registered()))
                  : suffix(error.message()));
    }
    if (event instanceof RunEvent.Resumed e) {
      return e.reason();
    }
    if (event instanceof RunEvent.StageReused e) {
      return "%s reused: %s".formatted(e.facts().stage(), StageText.reused(e));
    }
    if (event instanceof RunEvent.StageSkipped e) {
      return "%s skipped, because %s did not succeed".formatted(e.stage(), e.because());
    }
    // The summary says how the run ended.
    return "";
  }

  private static String suffix(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }
}
