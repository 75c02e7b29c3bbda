package dev.weir.session;

import org.apache.spark.sql.SparkSession;

/** The one Spark session that a module's tests share. */
public final class TestSpark {
  private static final class Holder {
    static final SparkSession SESSION =
        SparkSession.builder()
            .master("local[2]")
            .appName("weir-tests")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.scheduler.mode", "FAIR")
            // Few rows are worth no compiling; what is submitted as a user does compiles.
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            .config("spark.sql.artifact.isolation.enabled", "false")
            .config("spark.delta.logStore.file.impl", "dev.weir.store.LocalLogStore")
            .config(
                "spark.sql.extensions",
                "io.delta.sql.DeltaSparkSessionExtension,dev.weir.session.LineageFunctions")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config(
                "spark.sql.warehouse.dir",
                System.getProperty("java.io.tmpdir") + "/weir-tests-warehouse")
            .getOrCreate();
  }

  private TestSpark() {}

  /** The session, started at the first call. */
  public static SparkSession session() {
    return Holder.SESSION;
  }
}
