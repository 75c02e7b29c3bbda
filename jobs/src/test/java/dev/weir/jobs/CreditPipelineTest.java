package dev.weir.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Pipelines;
import dev.weir.pipeline.StageDefinition;
import dev.weir.pipeline.StageTypes;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CreditPipelineTest {
  private static Pipeline load(String name, Map<String, String> params) {
    return new Pipelines(Path.of(".."))
        .load(name, params, StageTypes.of(CreditPipelineTest.class.getClassLoader()))
        .pipeline();
  }

  @Test
  void theSamePipelineComesFromYamlAndFromJava() {
    Pipeline yaml = load("credit", Map.of());
    Pipeline java = CreditPipeline.of(24, 2000);
    for (int i = 0; i < yaml.stages().size(); i++) {
      StageDefinition stage = yaml.stages().get(i);
      assertThat(stage).as(stage.name()).isEqualTo(java.stages().get(i));
    }
    assertThat(yaml).isEqualTo(java);
    assertThat(load("credit", Map.of("months", "3", "rows", "50")))
        .isEqualTo(CreditPipeline.of(3, 50))
        .isNotEqualTo(java);
  }

  @Test
  void bankNeedsItsSource() {
    assertThat(load("bank", Map.of("source", "data/bank-full.csv")).stages()).hasSize(9);
    assertThatThrownBy(() -> load("bank", Map.of()))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining("the parameter 'source' has no value")
        .hasMessageContaining("bank-full.csv of UCI's Bank Marketing data");
  }
}
