package dev.weir.cli;

import dev.weir.artifact.DatasetName;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.report.QualityReport;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Shows what is known of a dataset's quality; without Spark. */
final class QualityAction {
  private final URI location;
  private final PrintStream out;

  QualityAction(URI location, PrintStream out) {
    this.location = location;
    this.out = out;
  }

  /**
   * A dataset as people write it.
   *
   * @param version null for the last
   */
  record Asked(DatasetName name, @Nullable Long version) {
    private static final String KIND = "dataset:";

    static Asked parse(String text) {
      String plain = text.startsWith(KIND) ? text.substring(KIND.length()) : text;
      int at = plain.indexOf('@');
      try {
        DatasetName name = DatasetName.parse(at < 0 ? plain : plain.substring(0, at));
        if (at < 0) {
          return new Asked(name, null);
        }
        String version = plain.substring(at + 1);
        if (!version.matches("[0-9]{1,18}")) {
          throw new IllegalArgumentException(
              "'%s' is not a version of a dataset: it is a number".formatted(version));
        }
        return new Asked(name, Long.parseLong(version));
      } catch (IllegalArgumentException e) {
        throw WeirException.user(
            "invalid-reference",
            e.getMessage() + ".",
            "Write it as credit.clean, or credit.clean@3 for a version.");
      }
    }
  }

  /**
   * @param page where a page is written, or null to print
   */
  int show(String asked, @Nullable String against, boolean json, @Nullable Path page) {
    Asked dataset = Asked.parse(asked);
    try (HomeReader home = HomeReader.open(location)) {
      QualityReport report =
          QualityReport.of(home.lineage(), dataset.name(), dataset.version(), against);
      if (page != null) {
        write(page, new QualityPage(report).html());
        out.println("Wrote %s".formatted(page));
      } else if (json) {
        out.println(QualityJson.of(report));
      } else {
        new QualityText(report, out, Ansi.of(System.getenv())).print();
      }
      return ExitCode.DONE;
    }
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new WeirException(
          "not-written",
          ErrorKind.USER,
          "%s can't be written: %s.".formatted(file, e),
          "Name a file in a folder that there is and that you may write to.",
          e);
    }
  }
}
