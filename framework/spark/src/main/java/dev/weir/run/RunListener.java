package dev.weir.run;

/** Watches a run. Called from several threads, one call at a time. */
@FunctionalInterface
public interface RunListener {
  /** Takes notice of an event; must not block for long. */
  void on(RunEvent event);
}
