package dev.weir.pipeline;

/** What a run does that finds another run of its pipeline under way. */
public enum Concurrency {
  /** It does not start, and says who holds the pipeline. */
  REFUSE,
  /** It waits until the other has ended. */
  QUEUE,
  /** It cancels the other, and starts when that has ended. */
  CANCEL_PREVIOUS,
  /** It runs beside it. Each publishes; what is published last is the latest. */
  ALLOW
}
