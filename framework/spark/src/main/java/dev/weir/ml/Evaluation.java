package dev.weir.ml;

import java.util.List;

/**
 * What was measured.
 *
 * @param rows on how many predictions
 */
record Evaluation(long rows, List<Measured> metrics) {
  Evaluation {
    metrics = List.copyOf(metrics);
  }
}
