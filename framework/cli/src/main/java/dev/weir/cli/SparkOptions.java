package dev.weir.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how Spark is started. */
final class SparkOptions {
  @Option(
      names = "--master",
      paramLabel = "URL",
      converter = Master.class,
      description = "Spark's master; local[*] unless set or given by spark-submit.")
  @Nullable String master;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A setting of Spark; wins over every file. May be repeated.")
  Map<String, String> conf = new LinkedHashMap<>();

  @Option(
      names = "--jars",
      paramLabel = "JAR",
      split = ",",
      description = "Jars with stages of your own; may be repeated.")
  List<String> jars = new ArrayList<>();
}
