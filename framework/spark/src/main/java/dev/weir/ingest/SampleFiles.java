package dev.weir.ingest;

import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.store.Sha256;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of a sample, under {@code <home>/samples/<name>/<digest of the parameters>}. A file
 * comes to its name only when it is whole, so one that is there is complete and is not written
 * again.
 */
final class SampleFiles {
  /** Grows with any change to what the generator makes. */
  private static final int GENERATOR = 1;

  /** Rows in one file at most. A month with more is delivered in parts. */
  private static final long ROWS_PER_FILE = 250_000;

  private final Sample sample;
  private final Path folder;

  SampleFiles(Sample sample, URI home) {
    this.sample = sample;
    String root = home.toString();
    this.folder =
        new Path(
            new Path(URI.create(root.endsWith("/") ? root : root + "/")),
            "samples/%s/%s".formatted(name(), digest(sample)));
  }

  private String name() {
    return sample.sample().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Where the files are. */
  Path folder() {
    return folder;
  }

  /** The files as a source. */
  Files source() {
    String schema =
        switch (sample.sample()) {
          case CREDIT -> CreditCsv.SCHEMA;
          case CREDIT_TRUTH -> CreditCsv.TRUTH_SCHEMA;
        };
    return Files.csv(folder + "/*.csv").withSchema(schema);
  }

  /** Writes those that are not there yet, in parallel. */
  void write(SparkSession spark, Configuration hadoop) {
    List<Part> missing = missing(hadoop);
    if (missing.isEmpty()) {
      return;
    }
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    context
        .parallelize(missing, Math.min(missing.size(), 4 * context.defaultParallelism()))
        .foreach(part -> part.write(configuration.value()));
  }

  private List<Part> missing(Configuration hadoop) {
    Set<String> there = new HashSet<>();
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      if (files.exists(folder)) {
        for (FileStatus status : files.listStatus(folder)) {
          there.add(status.getPath().getName());
        }
      }
    } catch (IOException e) {
      throw WeirExceptions.unreadable(folder, e);
    }
    return parts().stream().filter(part -> !there.contains(part.name())).toList();
  }

  private List<Part> parts() {
    String stem = sample.sample() == Sample.Kind.CREDIT ? "applications" : "truth";
    List<Part> parts = new ArrayList<>();
    for (int m = 0; m < sample.months(); m++) {
      YearMonth month = CreditApplication.FIRST_MONTH.plusMonths(m);
      for (long first = 0; first < sample.rows(); first += ROWS_PER_FILE) {
        String part =
            sample.rows() <= ROWS_PER_FILE ? "" : "-part-%05d".formatted(first / ROWS_PER_FILE + 1);
        parts.add(
            new Part(
                sample,
                folder.toString(),
                "%s-%s%s.csv".formatted(stem, month, part),
                month,
                first,
                Math.min(sample.rows(), first + ROWS_PER_FILE)));
      }
    }
    return parts;
  }

  private static String digest(Sample sample) {
    String parameters =
        "generator=%d sample=%s months=%d rows=%d seed=%d as-of=%s fault-month=%s"
            .formatted(
                GENERATOR,
                sample.sample(),
                sample.months(),
                sample.rows(),
                sample.seed(),
                sample.asOf(),
                sample.faultMonth());
    return Sha256.of(parameters).substring(0, 16);
  }

  /** One file: rows from {@code first} (included) to {@code end} (excluded) of a month. */
  private record Part(
      Sample sample, String folder, String name, YearMonth month, long first, long end)
      implements Serializable {
    void write(Configuration hadoop) throws IOException {
      Path target = new Path(folder, name);
      // A name that no reader looks at, until the file is whole.
      Path draft = new Path(folder, "." + name + "." + UUID.randomUUID() + ".tmp");
      FileSystem files = target.getFileSystem(hadoop);
      try {
        try (BufferedWriter out =
            new BufferedWriter(
                new OutputStreamWriter(files.create(draft, false), StandardCharsets.UTF_8),
                1 << 16)) {
          boolean truth = sample.sample() == Sample.Kind.CREDIT_TRUTH;
          out.write(CreditCsv.header(truth ? CreditCsv.TRUTH_SCHEMA : CreditCsv.SCHEMA));
          out.write('\n');
          for (long row = first; row < end; row++) {
            out.write(
                truth
                    ? CreditCsv.truthLine(sample, month, row)
                    : CreditCsv.line(sample, month, row));
            out.write('\n');
          }
        }
        // Another run may have written the same bytes meanwhile.
        if (!files.rename(draft, target) && !files.exists(target)) {
          throw new WeirException(
              "sample-not-written",
              ErrorKind.TRANSIENT,
              "The sample's file %s could not be put in place.".formatted(FileSearch.name(target)),
              "");
        }
      } finally {
        files.delete(draft, false);
      }
    }
  }
}
