package dev.weir.ml;

import dev.weir.config.Project;
import dev.weir.config.ProjectConfig;
import dev.weir.data.ModelStore;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.Published;
import dev.weir.registry.ModelReference;
import dev.weir.store.Home;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Registered models, for whoever has a Spark session: {@code Models.load(spark, home,
 * "model:credit.default@1").transform(rows)}.
 *
 * <p>From PySpark, with {@code weir-jobs.jar} in {@code spark.jars}: {@code
 * PipelineModel._from_java(spark._jvm.dev.weir.ml.Models.load(spark._jsparkSession, home,
 * "model:credit.default@1"))}.
 */
public final class Models {
  /** The session's setting that names the home. */
  public static final String HOME = "spark.weir.home";

  private Models() {}

  /**
   * Loads a registered model from the home that the session's setting {@value #HOME} or else the
   * environment's {@code WEIR_HOME} names.
   *
   * @see #load(SparkSession, String, String, List)
   */
  public static PipelineModel load(SparkSession spark, String reference) {
    return load(spark, home(spark), reference);
  }

  /**
   * Loads a registered model that is made of MLlib's classes only.
   *
   * @see #load(SparkSession, String, String, List)
   */
  public static PipelineModel load(SparkSession spark, String home, String reference) {
    return load(spark, home, reference, List.of());
  }

  /**
   * Loads a registered model. Each of its files is held against the sha-256 of its facts before
   * anything is made of it.
   *
   * @param home a folder, or a URI such as {@code s3a://bucket/weir}
   * @param reference {@code model:namespace.name@number}, or with an alias in the number's place,
   *     or with neither for the latest
   * @param modelClasses classes and packages that the model may name besides MLlib's, such as
   *     {@code com.example.ml}
   * @throws WeirException {@code empty-home} if nothing was run there, {@code unknown-model} if the
   *     home has no such version, {@code model-damaged} or {@code model-class-refused} if its files
   *     are not to be trusted
   */
  public static PipelineModel load(
      SparkSession spark, String home, String reference, List<String> modelClasses) {
    URI location = location(home);
    try (Home opened =
        Home.existing(location, hadoop(spark)).orElseThrow(() -> emptyHome(location))) {
      Published.Model model = find(Published.of(opened), reference);
      return ModelStore.of(opened, modelClasses).load(model.written(), spark);
    }
  }

  /**
   * The registered version that a reference names.
   *
   * @param reference {@code model:namespace.name@number}; {@code model:} may be left out, and so
   *     may {@code @number}, for the latest; instead of the number an alias may stand
   * @throws WeirException {@code invalid-model}, {@code unknown-model} or {@code unknown-alias}
   */
  public static Published.Model find(Published published, String reference) {
    ModelReference asked = ModelReference.parse(reference);
    return published
        .model(asked.name(), number(published, asked))
        .orElseThrow(
            () -> {
              List<String> names =
                  published.models().stream().map(Published.Model::reference).toList();
              String hint = Nearest.hint("model:" + asked, names);
              return WeirException.user(
                  "unknown-model",
                  "There is no model %s in the home%s"
                      .formatted(asked, hint.isEmpty() ? "." : hint),
                  names.isEmpty()
                      ? "None is registered yet."
                      : "The latest are " + String.join(", ", names) + ".");
            });
  }

  /** The number asked for, or what the alias asked for names now, or null for the latest. */
  private static @Nullable Integer number(Published published, ModelReference asked) {
    String alias = asked.alias();
    if (alias == null || published.versions(asked.name()).isEmpty()) {
      return asked.number();
    }
    return published.aliases().require(asked.name(), alias, null).version().number();
  }

  private static String home(SparkSession spark) {
    String home = spark.conf().get(HOME, "");
    if (home.isBlank()) {
      home = System.getenv().getOrDefault("WEIR_HOME", "");
    }
    if (home.isBlank()) {
      throw WeirException.user(
          "no-home",
          "Neither the session's setting %s nor WEIR_HOME names a home.".formatted(HOME),
          "Set one of them, or give the home as an argument.");
    }
    return home;
  }

  /** A relative path starts where the driver does. */
  private static URI location(String home) {
    return new Project(Path.of(""), ProjectConfig.DEFAULT).home(home, Map.of());
  }

  private static Map<String, String> hadoop(SparkSession spark) {
    Map<String, String> properties = new HashMap<>();
    for (scala.Tuple2<String, String> entry :
        spark.sparkContext().getConf().getAllWithPrefix("spark.hadoop.")) {
      properties.put(entry._1(), entry._2());
    }
    return properties;
  }

  private static WeirException emptyHome(URI location) {
    return WeirException.user(
        "empty-home",
        "Nothing has been run in the home %s yet.".formatted(location),
        "Run a pipeline first, such as ./weir run credit, or name another home.");
  }
}
