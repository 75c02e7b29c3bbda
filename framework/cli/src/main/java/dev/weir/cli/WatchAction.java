package dev.weir.cli;

import dev.weir.lineage.Fact;
import dev.weir.lineage.RunView;
import dev.weir.lineage.RunWatch;
import dev.weir.run.RunEvent;
import dev.weir.run.RunListener;
import dev.weir.run.RunResult;
import dev.weir.run.TaskProgress;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Shows a run that another process makes as it goes on; without Spark. */
final class WatchAction {
  /** Another process can't know how far Spark's tasks are. */
  private static final TaskProgress.Tasks NO_TASKS = new TaskProgress.Tasks(0, 0);

  private final URI location;
  private final List<String> given;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  /**
   * @param given the options that lead to the same home from the same folder
   */
  WatchAction(URI location, List<String> given, PrintStream out, PrintStream err) {
    this.location = location;
    this.given = given;
    this.out = out;
    this.err = err;
  }

  int watch(String asked, boolean json) throws InterruptedException {
    try (HomeReader home = HomeReader.open(location)) {
      RunView run = RunFinder.find(home.lineage(), asked);
      RunWatch watch = RunWatch.of(home.events(), run.run());
      FactEvents events = new FactEvents(location);
      RunListener view = view(json);
      CountDownLatch left = new CountDownLatch(1);
      Signals.onInterrupt(left::countDown);
      while (true) {
        for (Fact fact : watch.news()) {
          events.of(fact).ifPresent(view::on);
        }
        if (watch.state().finished()) {
          break;
        }
        // Nobody reads any more where a pipe was closed.
        if (left.await(1, TimeUnit.SECONDS) || out.checkError()) {
          if (view instanceof LiveView live) {
            live.close();
          }
          err.println(
              "Not watched any more; run %s goes on. Again: ./weir show %s --watch%s"
                  .formatted(run.run(), run.run(), Workspace.place(given)));
          return ExitCode.CANCELLED;
        }
      }
      RunResult result = events.result(watch.state(), watch.holder());
      view.on(new RunEvent.Ended(result.finishedAt(), result));
      if (!json) {
        new RunSummary(out, ansi, run.pipeline(), given).print(result);
      }
      return ExitCode.of(result.state());
    }
  }

  private RunListener view(boolean json) {
    if (json) {
      return new JsonView(out);
    }
    return ansi.terminal() ? new LiveView(out, ansi, stage -> NO_TASKS) : new LineView(out);
  }
}
