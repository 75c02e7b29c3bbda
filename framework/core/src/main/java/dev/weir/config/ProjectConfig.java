package dev.weir.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code conf/weir.yaml} says.
 *
 * @param home where everything is kept, or null for the default
 * @param classpath jars, folders and globs with the project's own stages
 * @param modelClasses classes and packages that models may name besides MLlib's
 * @param spark Spark settings by name
 * @param models what is demanded of models, the first policy that fits a model's name
 * @param auditKey the file of the key by which the audit chain is signed, or null
 * @param retention how long what models and runs came from stays readable
 * @param alerts who is told of what goes wrong, or null for nobody
 */
@Help("The settings of a Weir project. Relative paths start at the folder that holds conf/.")
public record ProjectConfig(
    @Help(
            "Where datasets, models and lineage are kept: a folder or a URI such as s3a://bucket/weir;"
                + " .weir beside conf/ unless set. WEIR_HOME and --home go before it.")
        @Nullable String home,
    @Help("Jars, folders of classes and globs such as lib/*.jar that hold stages of your own.")
        @Default("[]")
        List<String> classpath,
    @Help(
            "Classes and packages of your own, such as com.example.ml, that a model may be made of;"
                + " one that names any other class, MLlib's apart, is not loaded.")
        @Default("[]")
        List<String> modelClasses,
    @Help(
            "Settings of Spark by name, such as spark.sql.shuffle.partitions: 8; --conf goes before"
                + " them. Not the driver's memory: its JVM runs already, and"
                + " WEIR_JAVA_OPTIONS=-Xmx4g gives it more.")
        @Default("{}")
        Map<String, String> spark,
    @Help(
            "What is demanded of models before they are used; of several policies that fit a model's"
                + " name the first counts, and without one nothing is demanded.")
        @Default("[]")
        List<ModelPolicy> models,
    @Help(
            "The private Ed25519 key that signs the audit chain, a file as openssl genpkey -algorithm"
                + " ed25519 makes it; nothing is signed unless set.")
        @Nullable String auditKey,
    @Help(
            "How long what models and runs came from stays readable, by what has become of them: each"
                + " forever, or a duration such as 365d.")
        @Default("{}")
        Retention retention,
    @Help(
            "Who is told when a stage fails, a gate halts a run or a process dies; it is only logged"
                + " unless set.")
        @Nullable AlertSettings alerts) {

  private static final Pattern CLASS =
      Pattern.compile("[\\p{L}_$][\\w$]*(\\.[\\p{L}_$][\\w$]*)*\\.?");

  /** A project with nothing set. */
  public static final ProjectConfig DEFAULT =
      new ProjectConfig(
          null, List.of(), List.of(), Map.of(), List.of(), null, Retention.DEFAULT, null);

  public ProjectConfig {
    if (home != null && home.isBlank()) {
      throw new IllegalArgumentException(
          "'home' is empty: name a folder or a URI, or leave it out");
    }
    if (auditKey != null && auditKey.isBlank()) {
      throw new IllegalArgumentException("'audit-key' is empty: name a file, or leave it out");
    }
    classpath = List.copyOf(classpath);
    for (String entry : classpath) {
      if (entry.isBlank()) {
        throw new IllegalArgumentException("'classpath' holds an empty entry");
      }
    }
    modelClasses = List.copyOf(modelClasses);
    for (String entry : modelClasses) {
      if (!CLASS.matcher(entry).matches()) {
        throw new IllegalArgumentException(
            "'%s' under 'model-classes' is neither a class nor a package: write it as com.example.ml"
                .formatted(entry));
      }
    }
    models = List.copyOf(models);
    spark = Collections.unmodifiableMap(new LinkedHashMap<>(spark));
    for (String key : spark.keySet()) {
      if (!key.startsWith("spark.")) {
        throw new IllegalArgumentException(
            "'%s' under 'spark' is no setting of Spark: write 'spark.%s'".formatted(key, key));
      }
    }
  }
}
