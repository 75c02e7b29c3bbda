package dev.weir.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pipeline.Steps.Copy;
import dev.weir.pipeline.Steps.Join;
import dev.weir.pipeline.Steps.Make;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StageJsonTest {
  @Test
  void aStageIsItsConfiguration() {
    assertThat(StageJson.of(new Make(Output.to("a.raw"), 5, null, "hunter2")))
        .isEqualTo("{\"into\":\"a.raw\",\"rows\":5,\"password\":\"***\"}");
    assertThat(StageJson.of(new Copy("a.raw@3", "a.clean")))
        .isEqualTo("{\"from\":\"a.raw@3\",\"into\":\"a.clean\"}");
  }

  @Test
  void mapsThatAreEqualGiveEqualText() {
    Map<String, Input> one = new LinkedHashMap<>();
    one.put("z", Input.from("a.z"));
    one.put("b", Input.from("a.b"));
    Map<String, Input> other = new LinkedHashMap<>();
    other.put("b", Input.from("a.b"));
    other.put("z", Input.from("a.z"));
    assertThat(StageJson.of(new Join(List.of(), one, Output.to("a.j"))))
        .isEqualTo(StageJson.of(new Join(List.of(), other, Output.to("a.j"))))
        .isEqualTo("{\"parts\":[],\"named\":{\"b\":\"a.b\",\"z\":\"a.z\"},\"into\":\"a.j\"}");
  }

  @Test
  void aPipelineIsAllOfIt() {
    Pipeline pipeline =
        Pipeline.named("p")
            .param("seed", 7)
            .param("rate", 0.5)
            .stage("make", new Make("a.raw"))
            .stage("copy", new Copy("a.raw", "a.clean"))
            .after("make")
            .timeout(Duration.ofMinutes(90))
            .build();
    assertThat(StageJson.of(pipeline))
        .isEqualTo(
            """
            {"pipeline":"p","params":{"rate":0.5,"seed":7},"stages":[\
            {"name":"make","uses":"dev.weir.pipeline.Steps$Make","with":{"into":"a.raw","rows":10},\
            "after":[],"retry":{"attempts":1,"backoff":"1s","max-backoff":"5m"}},\
            {"name":"copy","uses":"dev.weir.pipeline.Steps$Copy","with":{"from":"a.raw","into":"a.clean"},\
            "after":["make"],"retry":{"attempts":1,"backoff":"1s","max-backoff":"5m"},"timeout":"1h30m"}]}""");
    assertThat(StageJson.of(pipeline.stages().get(0)))
        .isEqualTo(
            """
            {"name":"make","uses":"dev.weir.pipeline.Steps$Make","with":{"into":"a.raw","rows":10},\
            "after":[],"retry":{"attempts":1,"backoff":"1s","max-backoff":"5m"}}""");
  }
}
