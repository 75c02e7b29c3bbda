package dev.weir.run;

import dev.weir.artifact.DatasetName;
import dev.weir.data.Layout;
import dev.weir.data.WriteKey;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.StageDefinition;
import dev.weir.store.DeltaTable;
import dev.weir.store.Home;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What the stages of a pipeline publish, as the facts name it, and the tables that it goes to. */
final class Outputs {
  private static final String DATASET = "dataset:";
  private static final String MODEL = "model:";

  private Outputs() {}

  /** The outputs by stage: {@code dataset:credit.raw}, {@code model:credit.default}. */
  static Map<String, List<String>> of(Pipeline pipeline) {
    Map<String, List<String>> outputs = new LinkedHashMap<>();
    for (StageDefinition definition : pipeline.stages()) {
      Ports ports = Ports.of(definition.stage());
      List<String> names = new ArrayList<>();
      ports.outputs().forEach(port -> names.add(DATASET + port.value()));
      ports.modelOutputs().forEach(port -> names.add(MODEL + port.value()));
      if (!names.isEmpty()) {
        outputs.put(definition.name(), names);
      }
    }
    return outputs;
  }

  /** The name of what is published, without its kind. */
  static String name(String output) {
    return output.substring(output.indexOf(':') + 1);
  }

  /** The table that an output goes to. */
  static DeltaTable table(Home home, String output) {
    return home.table(
        output.startsWith(DATASET)
            ? Layout.of(home).relative(DatasetName.parse(name(output)))
            : Layout.ARTIFACTS);
  }

  /**
   * The highest token that the outputs' own logs hold, 0 for none: a home whose lineage was lost
   * would otherwise count from 1 again, and Delta would skip what it writes.
   */
  static long newestToken(Home home, Pipeline pipeline) {
    long[] newest = {0};
    of(pipeline)
        .forEach(
            (stage, outputs) -> {
              for (String output : outputs) {
                String application =
                    WriteKey.of(pipeline.name(), stage, name(output), 0).application();
                long token =
                    table(home, output)
                        .find()
                        .map(snapshot -> snapshot.transactionVersion(application))
                        .filter(OptionalLong::isPresent)
                        .map(version -> version.getAsLong() / 2)
                        .orElse(0L);
                newest[0] = Math.max(newest[0], token);
              }
            });
    return newest[0];
  }
}
