package dev.weir.cli;

/** A whole number from one on. */
final class AtLeastOne extends AtLeast {
  AtLeastOne() {
    super(1);
  }
}
