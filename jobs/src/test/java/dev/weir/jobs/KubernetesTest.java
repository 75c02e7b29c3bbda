package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/**
 * The example for Kubernetes says what Weir takes; whether a cluster takes it is not tried here.
 */
class KubernetesTest {
  private final Map<?, ?> application = read();

  private static Map<?, ?> read() {
    try {
      String yaml = Files.readString(Runs.ROOT.resolve("conf/kubernetes/credit.yaml"));
      return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(yaml);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Map<?, ?> spec(String... path) {
    Map<?, ?> at = (Map<?, ?>) application.get("spec");
    for (String key : path) {
      at = (Map<?, ?>) at.get(key);
    }
    return at;
  }

  @Test
  void itRunsTheOneJarOnThisSpark() {
    assertThat(application.get("apiVersion")).isEqualTo("sparkoperator.k8s.io/v1beta2");
    assertThat(application.get("kind")).isEqualTo("SparkApplication");
    assertThat(spec().get("mainClass")).isEqualTo(Weir.class.getName());
    assertThat(spec().get("mainApplicationFile"))
        .isEqualTo("local:///opt/weir/" + Submission.JAR.getFileName());
    assertThat(spec().get("sparkVersion"))
        .isEqualTo(org.apache.spark.package$.MODULE$.SPARK_VERSION());
  }

  @Test
  void itsArgumentsAreACommandOfWeirs() {
    String[] arguments =
        ((List<?>) spec().get("arguments")).stream().map(String::valueOf).toArray(String[]::new);

    CommandLine.ParseResult run = Main.line(arguments).parseArgs(arguments).subcommand();

    assertThat(run.commandSpec().name()).isEqualTo("run");
    String pipeline = run.matchedPositionalValue(0, "");
    assertThat(Runs.ROOT.resolve("conf/pipelines/" + pipeline + ".yaml")).exists();
    assertThat(run.<Path>matchedOptionValue("--directory", Path.of("")))
        .isEqualTo(Path.of("/opt/weir"));
    assertThat(run.<String>matchedOptionValue("--home", "")).startsWith("s3a://");
  }

  @Test
  void itsLogStoreIsTheSameForKernelAndForSpark() {
    assertThat(spec("hadoopConf").get("io.delta.kernel.logStore.s3a.impl"))
        .isEqualTo(spec("sparkConf").get("spark.delta.logStore.s3a.impl"))
        .isEqualTo("io.delta.storage.S3DynamoDBLogStore");
  }
}
