package dev.weir.quality;

import java.util.List;

/**
 * Checks as they are asked of one dataset, and what a scan has to find for them.
 *
 * @param probes in the order of the checks
 */
record Questions(List<Probe> probes, ScanPlan scan) {
  Questions {
    probes = List.copyOf(probes);
  }

  /** The answers, in the order of the probes. */
  List<Verdict> verdicts(Figures figures) {
    return probes.stream().map(p -> new Verdict(p, p.judge().apply(figures))).toList();
  }
}
