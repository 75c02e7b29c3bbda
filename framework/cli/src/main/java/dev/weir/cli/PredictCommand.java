package dev.weir.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Scores a dataset or a file with a registered model. */
@Command(
    name = "predict",
    description = "Score a dataset or a file with a registered model.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./weir predict model:credit.default@1 --in dataset:credit.features@0 --out scores.csv",
      "  ./weir predict credit.default@champion --in new.parquet --out scores.parquet"
    })
final class PredictCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description =
          "namespace.name@number or namespace.name@alias; with neither, the latest registered.")
  String model = "";

  @Option(
      names = "--in",
      required = true,
      paramLabel = "DATA",
      description = "dataset:namespace.name[@version], or a csv, json or parquet file or folder.")
  String in = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "A csv, json or parquet file to make; its ending says which.")
  String out = "";

  @Option(names = "--overwrite", description = "Replace what stands at --out.")
  boolean overwrite;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "The input file's format, when its ending does not say it.")
  @Nullable String format;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin Workspace workspace = new Workspace();

  @Override
  public Integer call() throws Exception {
    return new PredictAction(this, System.out).execute();
  }
}
