package dev.weir.run;

/** What was decided on is not how things stand any more. */
final class Overtaken extends RuntimeException {
  private static final long serialVersionUID = 1;
}
