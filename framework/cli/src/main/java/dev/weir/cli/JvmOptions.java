package dev.weir.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;

/** Prints the JVM options that Spark needs, for the launcher to keep. */
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
    System.out.println(String.join(" ", options));
  }
}
