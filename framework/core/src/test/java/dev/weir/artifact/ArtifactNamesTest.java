package dev.weir.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactNamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"lineage", "default", "global_temp"})
  void schemasOfSparkAndWeirAreReserved(String namespace) {
    String reserved =
        "'%s.runs' can't be a %s name: the namespaces lineage, default and global_temp are reserved";
    assertThatThrownBy(() -> DatasetName.parse(namespace + ".runs"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(reserved.formatted(namespace, "dataset"));
    assertThatThrownBy(() -> new ModelName(namespace, "runs"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(reserved.formatted(namespace, "model"));
    assertThatThrownBy(() -> ArtifactVersion.parse("dataset:" + namespace + ".runs@0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(reserved.formatted(namespace, "dataset"));
  }

  @Test
  void onlyTheNamespaceIsReserved() {
    assertThat(DatasetName.parse("credit.lineage").name()).isEqualTo("lineage");
    assertThat(DatasetName.parse("lineages.runs").namespace()).isEqualTo("lineages");
    assertThat(ModelName.parse("credit.default").toString()).isEqualTo("credit.default");
  }
}
