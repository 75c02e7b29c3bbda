package dev.weir.cli;

/** A whole number from zero on. */
final class AtLeastZero extends AtLeast {
  AtLeastZero() {
    super(0);
  }
}
