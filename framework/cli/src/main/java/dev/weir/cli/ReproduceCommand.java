package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a model again and compares. */
@Command(
    name = "reproduce",
    description = {
      "Make a model again by the stages that made it, and hold every dataset, the model and every metric against what was recorded.",
      "",
      "What came from outside is read as it was published. All of it happens in a home of its own; the one that holds the model stays as it is.",
      "",
      "IDENTICAL  the same to the last bit",
      "EQUAL      the same but for fractions within the tolerance",
      "DIFFERENT  not the same; each difference is put down to what was recorded otherwise",
      "",
      "Exits with 0 if it is identical or equal, and with 1 if it is different."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir reproduce model:credit.default@1",
      "  ./weir reproduce credit.default --tolerance 1e-6 --keep",
      "  ./weir reproduce credit.default@1 --jars old-stages.jar"
    })
final class ReproduceCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description =
          "model:namespace.name@number; without a number, the latest registered. Or a candidate:… that never was.")
  String model = "";

  @Option(
      names = "--tolerance",
      paramLabel = "FRACTION",
      description =
          "How far apart fractions may be and count as equal, as a part of the larger one; 1e-9 unless set. Numbers within 1e-12 are equal.")
  double tolerance = 1e-9;

  @Option(names = "--keep", description = "Keep the home that it was made again in.")
  boolean keep;

  @Option(
      names = "--into",
      paramLabel = "URI",
      description =
          "The folder below which it is made again, which executors of a cluster must reach; one of this machine's temporary ones unless set.")
  @Nullable String into;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    return new ReproduceAction(this).execute();
  }
}
