package dev.weir.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterRunTest {
  private static final String BEGAN = "{\"event\":\"stage.started\",\"stage\":\"train\"}";

  private static final String TRAINED =
      "{\"event\":\"stage.finished\",\"stage\":\"train\",\"seconds\":4.5,\"datasets\":[],"
          + "\"models\":[{\"content\":\"abc\"}],\"metrics\":["
          + "{\"name\":\"training-rows\",\"value\":18},{\"name\":\"spark.executors-lost\",\"value\":1}]}";

  @TempDir Path folder;

  @Test
  void theEventsOfARunSayWhatItMadeAndWhatBefellIt() throws Exception {
    ClusterRun run =
        ClusterRun.of(
            List.of(
                "{\"event\":\"run.started\",\"run\":\"r\"}",
                "{\"event\":\"stage.finished\",\"stage\":\"rows\",\"seconds\":1.5,\"datasets\":"
                    + "[{\"reference\":\"dataset:scale.rows@0\",\"rows\":2000,\"digest\":\"d\"}]}",
                BEGAN,
                TRAINED,
                "{\"event\":\"stage.finished\",\"stage\":\"evaluate\",\"seconds\":1,\"datasets\":"
                    + "[{\"reference\":\"dataset:scale.evaluation@0\",\"rows\":9,\"digest\":\"e\"}],"
                    + "\"metrics\":[{\"name\":\"auc-roc\",\"value\":0.7}]}",
                "{\"event\":\"run.finished\",\"seconds\":9.5,\"error\":{\"message\":\"gone\"}}"));

    assertThat(run)
        .isEqualTo(
            new ClusterRun(
                9.5,
                Map.of("rows", 1.5, "train", 4.5, "evaluate", 1.0),
                Map.of("dataset:scale.rows@0", "2,000 rows, digest d"),
                "abc",
                18,
                Map.of("auc-roc", 0.7),
                Map.of("train spark.executors-lost", 1.0),
                "gone"));
  }

  @Test
  void aStageIsUnderWayUntilItEnds() throws Exception {
    Path out = folder.resolve("out");
    Files.writeString(out, BEGAN.substring(0, 20));
    assertThat(ClusterRun.under(out, "train")).isFalse();
    Files.writeString(out, BEGAN + "\n" + TRAINED.substring(0, 20));
    assertThat(ClusterRun.under(out, "train")).isTrue();
    assertThat(ClusterRun.under(out, "evaluate")).isFalse();
    Files.writeString(out, BEGAN + "\n" + TRAINED + "\n");
    assertThat(ClusterRun.under(out, "train")).isFalse();
  }
}
