package dev.weir.jobs;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/** The Python that tests run, which a machine need not have. */
final class Python {
  private Python() {}

  /** Its path; without one the test is skipped, and says why. */
  static String path() {
    String named = System.getenv("WEIR_PYTHON");
    if (named == null || named.isBlank()) {
      abort(
          "skipped: WEIR_PYTHON, a Python with the packages of notebooks/requirements.txt, is not set");
    }
    if (!Files.isExecutable(Path.of(named))) {
      abort("skipped: WEIR_PYTHON is " + named + ", which can't be run");
    }
    return named;
  }
}
