package dev.weir.cli.bench;

import java.nio.file.Path;

/** Something that is measured on a home of a size. */
interface HomeMeasure {
  /** What it is, in a few words. */
  String name();

  /** Measures it once and returns seconds; throws if it did not come to what it should. */
  double seconds(Path home, int runs) throws Exception;
}
