package dev.weir.cli;

import dev.weir.pipeline.StageLibrary;
import dev.weir.pipeline.StageTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;

/** Prints the JVM options that Spark and Weir need, for the launcher to keep with its build. */
public final class JvmOptions {
  private JvmOptions() {}

  /** Prints them on one line. */
  public static void main(String[] arguments) {
    List<String> options = new ArrayList<>();
    for (String option : JavaModuleOptions.defaultModuleOptionArray()) {
      // An incubator module makes the JVM print a warning at every start.
      if (!option.startsWith("--add-modules")) {
        options.add(option);
      }
    }
    options.add(
        "-D%s=%s"
            .formatted(
                StageTypes.LIBRARIES,
                ServiceLoader.load(StageLibrary.class).stream()
                    .map(library -> library.type().getName())
                    .collect(Collectors.joining(","))));
    System.out.println(String.join(" ", options));
  }
}
