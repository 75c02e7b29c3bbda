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
    Package core = SparkContext.class.getPackage();
    // In a jar with everything in it the manifest is that of something else.
    return "Spark Project Core".equals(core.getImplementationTitle())
            && core.getImplementationVersion() != null
        ? core.getImplementationVersion()
        : org.apache.spark.package$.MODULE$.SPARK_VERSION();
  }

  /** Delta's version. */
  public static String delta() {
    return io.delta.package$.MODULE$.VERSION();
  }
}
