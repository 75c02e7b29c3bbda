package dev.weir.ingest;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.catalyst.csv.CSVOptions;

/**
 * The headers of CSV files. Spark assigns a file's columns by their position, whatever its header
 * says; so headers are read and compared before it does.
 */
final class CsvHeaders {
  private CsvHeaders() {}

  /**
   * The names in a file's first record. A missing name becomes {@code _c} and its index; a repeated
   * one gets its index, as Spark has it.
   *
   * @throws WeirException if the file has no record
   */
  static List<String> read(Configuration hadoop, Manifest.Entry file, Map<String, String> options) {
    scala.collection.immutable.Map<String, String> scalaOptions =
        scala.collection.immutable.Map$.MODULE$.from(
            scala.jdk.javaapi.CollectionConverters.asScala(options));
    CSVOptions csv = new CSVOptions(scalaOptions, false, "UTC");
    CsvParserSettings settings = csv.asParserSettings();
    settings.setLineSeparatorDetectionEnabled(!options.containsKey("lineSep"));
    CsvParser parser = new CsvParser(settings);
    String[] tokens;
    Path path = new Path(file.path());
    try (InputStream in = open(hadoop, path)) {
      parser.beginParsing(in, csv.charset());
      tokens = parser.parseNext();
      parser.stopParsing();
    } catch (IOException e) {
      throw WeirExceptions.unreadable(path, e);
    } catch (TextParsingException e) {
      // The parser reads in a thread of its own, and wraps what befell it there.
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException io) {
          throw WeirExceptions.damaged(path, io);
        }
      }
      throw e;
    }
    if (tokens == null) {
      throw WeirException.data(
          "empty-source-file",
          "The file %s is empty: it should begin with a header.".formatted(file.name()),
          "Take it out of the delivery, or set the option header to false if files have none.");
    }
    return named(tokens);
  }

  /** Opens a file, unpacked if its name says that it is packed. */
  static InputStream open(Configuration hadoop, Path path) throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(path);
    InputStream raw = path.getFileSystem(hadoop).open(path);
    if (codec == null) {
      return raw;
    }
    try {
      return codec.createInputStream(raw);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private static List<String> named(String[] tokens) {
    List<String> lower =
        Arrays.stream(tokens).map(t -> t == null ? "" : t.toLowerCase(Locale.ROOT)).toList();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < tokens.length; i++) {
      String token = tokens[i];
      if (token == null || token.isBlank()) {
        names.add("_c" + i);
      } else {
        boolean repeated = lower.indexOf(lower.get(i)) != lower.lastIndexOf(lower.get(i));
        names.add(repeated ? token + i : token);
      }
    }
    return names;
  }

  /**
   * Checks that a file's columns are those expected, in that order and in any case.
   *
   * @param expected what they should be
   * @param found what the file's header says
   * @param against where the expectation comes from, such as {@code the schema}
   */
  static void require(
      List<String> expected, List<String> found, Manifest.Entry file, String against) {
    if (lower(expected).equals(lower(found))) {
      return;
    }
    List<String> faults = new ArrayList<>();
    Set<String> expectedNames = new LinkedHashSet<>(lower(expected));
    Set<String> foundNames = new LinkedHashSet<>(lower(found));
    for (int i = 0; i < found.size(); i++) {
      String name = found.get(i);
      if (!expectedNames.contains(name.toLowerCase(Locale.ROOT))) {
        List<String> absent =
            expected.stream()
                .filter(e -> !foundNames.contains(e.toLowerCase(Locale.ROOT)))
                .toList();
        faults.add("'%s' is not expected%s".formatted(name, Nearest.hint(name, absent)));
      }
    }
    Set<String> missing = new TreeSet<>(expectedNames);
    missing.removeAll(foundNames);
    if (!missing.isEmpty()) {
      faults.add(
          "missing is "
              + String.join(
                  ", ",
                  expected.stream()
                      .filter(e -> missing.contains(e.toLowerCase(Locale.ROOT)))
                      .toList()));
    }
    if (faults.isEmpty()) {
      faults.add("the columns are the same in another order");
    }
    throw WeirException.data(
        "header-mismatch",
        "The header of %s does not match %s: %s. Found are %s; expected are %s."
            .formatted(
                file.name(),
                against,
                String.join("; ", faults),
                String.join(", ", found),
                String.join(", ", expected)),
        "Correct the file or the schema; nothing was assigned by position.");
  }

  private static List<String> lower(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }
}
