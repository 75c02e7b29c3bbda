package dev.weir.plan;

import org.apache.spark.SparkContext;

/** The versions of what runs the stages of this class path. */
public final class Platform {
  private Platform() {}

  /**
   * Spark's version: by its jar's manifest, which is at hand. Spark itself looks for it through all
   * jars that stand before its own.
   */
  public static String spark() {
    String version = SparkContext.class.getPackage().getImplementationVersion();
    return version == null ? org.apache.spark.package$.MODULE$.SPARK_VERSION() : version;
  }

  /** Delta's version. */
  public static String delta() {
    return io.delta.package$.MODULE$.VERSION();
  }
}
