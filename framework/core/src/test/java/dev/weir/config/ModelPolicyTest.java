package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.config.ModelPolicy.Approval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPolicyTest {
  private final Path folder;

  ModelPolicyTest(@TempDir Path folder) throws IOException {
    this.folder = folder.toRealPath();
    Files.createDirectories(folder.resolve("conf"));
  }

  private List<ModelPolicy> read(String yaml) throws IOException {
    Files.writeString(folder.resolve(Project.FILE), yaml);
    return Project.find(folder).config().models();
  }

  @Test
  void nothingIsDemandedUnlessItIsSaid() throws IOException {
    assertThat(Arrays.stream(ModelPolicy.class.getRecordComponents()))
        .allMatch(component -> component.isAnnotationPresent(Help.class));
    assertThat(read("")).isEmpty();
    assertThat(read("models: [ { name: credit.default } ]"))
        .containsExactly(new ModelPolicy("credit.default", Approval.NONE, false, null));
    assertThat(ModelPolicy.of(List.of(), "credit.default")).isSameAs(ModelPolicy.NONE);
    assertThat(ModelPolicy.NONE.demandsApproval("champion")).isFalse();
    assertThat(ModelPolicy.NONE.fourEyes()).isFalse();
  }

  @Test
  void everyKeyHasAnotherValue() throws IOException {
    List<ModelPolicy> policies =
        read(
            """
            models:
              - { name: 'credit.*', approval: required, four-eyes: true, aliases: [ champion ] }
              - { name: '*', approval: required, aliases: live }
              - { name: never.reached, approval: none }
            """);
    assertThat(policies)
        .containsExactly(
            new ModelPolicy("credit.*", Approval.REQUIRED, true, List.of("champion")),
            new ModelPolicy("*", Approval.REQUIRED, false, List.of("live")),
            new ModelPolicy("never.reached", Approval.NONE, false, null));
    assertThat(ModelPolicy.of(policies, "credit.default")).isEqualTo(policies.get(0));
    assertThat(ModelPolicy.of(policies, "never.reached")).isEqualTo(policies.get(1));
    assertThat(policies.get(0).demandsApproval("champion")).isTrue();
    assertThat(policies.get(0).demandsApproval("challenger")).isFalse();
    assertThat(new ModelPolicy("*", Approval.REQUIRED, false, null).demandsApproval("any"))
        .isTrue();
  }

  @Test
  void aPatternStandsForWholeNames() {
    assertThat(policy("credit.default").fits("credit.default")).isTrue();
    assertThat(policy("credit.default").fits("credit.default2")).isFalse();
    assertThat(policy("credit.?efault").fits("credit.default")).isTrue();
    assertThat(policy("credit.*").fits("credit.")).isTrue();
    assertThat(policy("credit.*").fits("creditxdefault")).isFalse();
    assertThat(policy("*.default").fits("credit.default")).isTrue();
    assertThat(policy("*").fits("credit.default")).isTrue();
  }

  private static ModelPolicy policy(String name) {
    return new ModelPolicy(name, Approval.NONE, false, null);
  }

  @Test
  void faultsArePlaced() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    models:
                      - { name: 'Credit', approval: required }
                      - { name: a.b, approval: require }
                      - { name: a.b, four_eyes: true }
                      - { approval: required }
                      - { name: a.b, approval: required, aliases: [] }
                      - { name: a.b, aliases: [ champion ] }
                    """))
        .hasMessage(
            """
            6 faults in conf/weir.yaml of %s:
              conf/weir.yaml:2:5: 'Credit' is neither the name of a model nor a pattern of names: write it as credit.default or credit.*
              conf/weir.yaml:3:28: 'approval': there is no 'require'; did you mean 'required'?
              conf/weir.yaml:4:18: unknown key 'four_eyes'; did you mean 'four-eyes'?
              conf/weir.yaml:5:5: the key 'name' is missing: The models that it is for, such as credit.default, 'credit.*' or '*'.
              conf/weir.yaml:6:5: 'aliases' is empty: name the aliases that approval is demanded for, or leave it out for all
              conf/weir.yaml:7:5: 'aliases' are those that approval is demanded for, and it is not: add approval: required"""
                .formatted(folder));
  }
}
