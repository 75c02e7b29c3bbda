package dev.weir.code;

import java.lang.module.ResolvedModule;
import java.net.URI;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a stage's code ends.
 *
 * <p>What is not listed here is looked into: a package that nobody thought of makes too much run
 * again, never too little.
 */
final class Boundary {
  /**
   * Weir's packages that a stage is written against, or is run by, and that are none of its code.
   * Through them every stage would reach all of Weir. What a stage is given through them is in its
   * fingerprint by value: its configuration, the versions it reads, its seed.
   *
   * <p>The others are looked into where a stage reaches them: {@code ingest}, {@code quality},
   * {@code feature} and {@code ml} are stages, and {@code data} and {@code profile} are what some
   * of them do. How the runner writes rows is behind {@code StageContext}, and so is no stage's
   * code.
   */
  static final Set<String> CONTRACT =
      Set.of(
          "alert", // who is told
          "artifact", // names
          "audit", // holds what was recorded against a chain of hashes
          "background", // threads
          "cli", // the command line, for a stage in the class of a main method
          "code", // this
          "config", // from YAML to values
          "error", // what people are told
          "lineage", // what is told of a stage
          "pin", // what stays readable
          "plan", // which stages run
          "pipeline", // what a stage, a port and a context are
          "provenance", // what made a version
          "registry", // numbers of models, and what people say of them
          "report", // what people see of datasets
          "reproduce", // makes models again
          "run", // plans and runs stages
          "session", // starts Spark
          "store", // how lineage is kept
          "vacuum"); // deletes what nothing pins

  /**
   * Libraries that come with Spark and Delta, by the beginning of their classes' names; each with a
   * class of its own, by which a jar that holds the library is known. Their versions are in the
   * fingerprint, or follow from Spark's. Those of statistics come with Weir, in jars of their own
   * or within its jar for clusters: a stage's code is the same in both.
   */
  static final Map<String, String> LIBRARIES =
      Map.ofEntries(
          Map.entry("org.apache.spark.", "org.apache.spark.SparkContext"),
          Map.entry("org.apache.spark.sql.delta.", "org.apache.spark.sql.delta.DeltaLog"),
          Map.entry("org.sparkproject.", "org.apache.spark.SparkContext"),
          Map.entry("io.delta.", "io.delta.tables.DeltaTable"),
          Map.entry("scala.", "scala.Predef"),
          Map.entry("org.apache.datasketches.", "org.apache.datasketches.hll.HllSketch"),
          Map.entry("org.apache.datasketches.memory.", "org.apache.datasketches.memory.Memory"),
          Map.entry("org.apache.hadoop.", "org.apache.hadoop.conf.Configuration"),
          Map.entry("com.fasterxml.jackson.", "com.fasterxml.jackson.databind.ObjectMapper"),
          Map.entry(
              "org.apache.commons.statistics.",
              "org.apache.commons.statistics.distribution.NormalDistribution"),
          Map.entry("org.apache.commons.numbers.", "org.apache.commons.numbers.gamma.Gamma"),
          Map.entry("org.apache.commons.rng.", "org.apache.commons.rng.UniformRandomProvider"),
          Map.entry("org.slf4j.", "org.slf4j.Logger"),
          Map.entry("org.apache.logging.log4j.", "org.apache.logging.log4j.Logger"),
          Map.entry("com.univocity.parsers.", "com.univocity.parsers.csv.CsvParser"),
          // Says which values may be null: for compilers.
          Map.entry("org.jspecify.", "org.jspecify.annotations.NullMarked"));

  private static final String WEIR = "dev.weir.";

  /** The packages of the JDK, by the modules that it has rather than by how they are called. */
  private static final Set<String> PLATFORM =
      ModuleLayer.boot().configuration().modules().stream()
          .map(ResolvedModule::reference)
          .filter(module -> module.location().filter(Boundary::isImage).isPresent())
          .flatMap(module -> module.descriptor().packages().stream())
          .collect(Collectors.toUnmodifiableSet());

  private Boundary() {}

  /** Whether a class is the JDK's. */
  static boolean isPlatform(String name) {
    return PLATFORM.contains(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
  }

  /** Whether what is at a location is of the JDK's own image of itself. */
  static boolean isImage(URI location) {
    return "jrt".equals(location.getScheme());
  }

  /** Whether a class is Weir's. */
  static boolean isWeir(String name) {
    return name.startsWith(WEIR);
  }

  /** Whether a class is Weir's and what stages are written against. */
  static boolean isContract(String name) {
    return isWeir(name) && CONTRACT.contains(name.split("\\.", 4)[2]);
  }

  /** The class by which a jar is known that holds the library of a class. */
  static Optional<String> library(String name) {
    return LIBRARIES.keySet().stream()
        .filter(name::startsWith)
        .max(Comparator.comparingInt(String::length))
        .map(LIBRARIES::get);
  }
}
