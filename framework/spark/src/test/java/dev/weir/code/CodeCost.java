package dev.weir.code;

import dev.weir.pipeline.Stage;
import dev.weir.pipeline.StageTypes;
import java.util.Map;
import java.util.SortedMap;

/**
 * Measures by hand what the code of all built-in stages costs in a new JVM: once cold, and then as
 * often as its argument says; the last line of each stage is of a warm JVM.
 */
final class CodeCost {
  private CodeCost() {}

  /** Takes the number of rounds. */
  public static void main(String[] arguments) {
    ClassLoader loader = CodeCost.class.getClassLoader();
    SortedMap<String, Class<? extends Stage>> stages = StageTypes.of(loader).names();
    int rounds = arguments.length == 0 ? 1 : Integer.parseInt(arguments[0]);
    for (int round = 1; round <= rounds; round++) {
      CodeDigests digests = CodeDigests.of(loader);
      long all = System.nanoTime();
      for (Map.Entry<String, Class<? extends Stage>> stage : stages.entrySet()) {
        long start = System.nanoTime();
        StageCode code = digests.of(stage.getValue());
        double milliseconds = (System.nanoTime() - start) / 1e6;
        if (round == 1 || round == rounds) {
          System.out.printf(
              "%s: %.1f ms, %d classes, jars %s%n",
              stage.getKey(), milliseconds, code.classes().size(), code.jars().keySet());
        }
      }
      if (round == 1 || round == rounds) {
        System.out.printf("round %d: %.1f ms%n", round, (System.nanoTime() - all) / 1e6);
      }
      if (round == rounds) {
        stages.forEach(
            (name, type) -> System.out.println(name + " " + digests.of(type).classes().keySet()));
      }
    }
  }
}
