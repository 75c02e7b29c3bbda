package dev.weir.cli;

import dev.weir.audit.AuditChain;
import dev.weir.audit.AuditKey;
import dev.weir.error.WeirException;
import dev.weir.lineage.Cancellation;
import dev.weir.lineage.Events;
import dev.weir.lineage.Holder;
import dev.weir.lineage.RunState;
import dev.weir.lineage.RunView;
import dev.weir.lineage.RunWatch;
import dev.weir.run.DeadRun;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Cancels a run from outside of its process; without Spark. */
final class CancelAction {
  private static final long PAUSE_MILLIS = 500;

  private final URI location;
  private final List<String> given;
  private final Optional<AuditKey> auditKey;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * @param given the options that lead to the same home from the same folder
   * @param auditKey by which the audit chain is signed, if at all
   */
  CancelAction(
      URI location,
      List<String> given,
      Optional<AuditKey> auditKey,
      PrintStream out,
      PrintStream err) {
    this.location = location;
    this.given = given;
    this.auditKey = auditKey;
    this.out = out;
    this.err = err;
  }

  /**
   * @param asked the run's id or the beginning of one
   * @param reason why, or null
   * @param waits whether to wait until the run has ended
   */
  int cancel(String asked, @Nullable String reason, boolean waits) throws InterruptedException {
    try (HomeReader home = HomeReader.open(location)) {
      Events events = home.events();
      RunView run = RunFinder.find(home.lineage(), asked);
      if (run.finishedAt() != null) {
        return ended(run.run(), run.state(), true);
      }
      RunWatch watch = RunWatch.of(events, run.run());
      var unused = watch.news();
      if (watch.state() == RunState.RUNNING) {
        Cancellation.ask(events, run.pipeline(), run.run(), reason);
        if (!waits) {
          out.println(
              "%s was asked to cancel run %s. See ./weir show %s%s"
                  .formatted(who(watch.holder()), run.run(), run.run(), Workspace.place(given)));
          return ExitCode.DONE;
        }
      }
      return await(events, watch, run, reason);
    }
  }

  private int await(Events events, RunWatch watch, RunView run, @Nullable String reason)
      throws InterruptedException {
    CountDownLatch left = new CountDownLatch(1);
    Signals.onInterrupt(left::countDown);
    boolean said = false;
    while (true) {
      if (watch.state() == RunState.INTERRUPTED) {
        Holder holder = watch.holder();
        if (endDead(events, run.run(), reason)) {
          out.println(
              "Run %s was cancelled: %s, which ran it, is gone."
                  .formatted(run.run(), lower(who(holder))));
          return ExitCode.DONE;
        }
        // It lives after all, or has ended meanwhile, or another process goes on with it.
        watch = RunWatch.of(events, run.run());
      } else if (watch.state().finished()) {
        return ended(run.run(), watch.state(), false);
      } else if (!said) {
        said = true;
        out.println(
            "Waiting for run %s to end: %s runs it."
                .formatted(run.run(), lower(who(watch.holder()))));
        Holder holder = watch.holder();
        if (holder != null && !holder.here() && endDead(events, run.run(), reason)) {
          out.println(
              "Run %s was cancelled: nothing more was heard of %s, which ran it."
                  .formatted(run.run(), lower(who(holder))));
          return ExitCode.DONE;
        }
      }
      if (left.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        err.println(
            "Not waited for any more; its driver was asked to cancel run %s. See ./weir show %s%s"
                .formatted(run.run(), run.run(), Workspace.place(given)));
        return ExitCode.CANCELLED;
      }
      var unused = watch.news();
    }
  }

  /** Ends the run in its driver's place; false if that is alive, or there is nothing to end. */
  private boolean endDead(Events events, String run, @Nullable String reason) {
    try {
      if (DeadRun.cancel(events, run, reason)) {
        AuditChain.of(events, auditKey).tryToExtend();
        return true;
      }
      return false;
    } catch (WeirException e) {
      if (e.code().equals("lease-held")) {
        return false;
      }
      throw e;
    }
  }

  /**
   * @param before whether it had ended when it was to be cancelled
   */
  private int ended(String run, RunState state, boolean before) {
    if (state == RunState.CANCELLED) {
      out.println("Run %s was cancelled%s.".formatted(run, before ? " already" : ""));
      return ExitCode.DONE;
    }
    String how =
        switch (state) {
          case SUCCEEDED -> "has succeeded";
          case FAILED -> "has failed";
          case HALTED -> "was halted by a gate";
          default -> "was interrupted and has ended";
        };
    throw WeirException.user(
        "run-ended",
        "Run %s %s %s.".formatted(run, how, before ? "already" : "before it could be cancelled"),
        "There is nothing to cancel; see ./weir show %s%s".formatted(run, Workspace.place(given)));
  }

  private static String who(@Nullable Holder holder) {
    return holder == null
        ? "Its driver"
        : "Process %d of user %s on host %s".formatted(holder.pid(), holder.user(), holder.host());
  }

  private static String lower(String text) {
    return text.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + text.substring(1);
  }
}
