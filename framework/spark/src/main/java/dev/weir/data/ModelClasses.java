package dev.weir.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The classes that a saved model names. MLlib's reader instantiates whatever class a metadata file
 * names, so every one is read before.
 */
final class ModelClasses {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A file that MLlib may read as the metadata of a stage, however deep. */
  private static final Pattern METADATA = Pattern.compile("(^|.*/)metadata(/.*)?");

  private static final List<String> MLLIB =
      List.of("org.apache.spark.ml.", "org.apache.spark.mllib.");

  private ModelClasses() {}

  /** Refuses a model that names any class that is not allowed, or metadata that can't be read. */
  static void check(List<ModelFile> files, ScratchFolder folder, List<String> allowed)
      throws IOException {
    for (ModelFile file : files) {
      if (METADATA.matcher(file.path()).matches()) {
        check(file, folder, allowed);
      }
    }
  }

  private static void check(ModelFile file, ScratchFolder folder, List<String> allowed)
      throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(folder.open(file.path()), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String name = className(line, file);
        if (MLLIB.stream().noneMatch(name::startsWith)
            && allowed.stream().noneMatch(entry -> covers(entry, name))) {
          throw WeirException.data(
              "model-class-refused",
              "The model's file %s names the class %s, which is neither MLlib's nor on the list of allowed ones."
                  .formatted(file.path(), name),
              "Nothing of it was loaded. If the class is yours, add its package to model-classes: in conf/weir.yaml.");
        }
      }
    }
  }

  /** True for the class or package itself and all inside it, and not for a longer name. */
  private static boolean covers(String entry, String name) {
    return name.startsWith(entry)
        && (entry.endsWith(".")
            || name.length() == entry.length()
            || name.charAt(entry.length()) == '.'
            || name.charAt(entry.length()) == '$');
  }

  private static String className(String line, ModelFile file) {
    try {
      JsonNode name = JSON.readTree(line).path("class");
      if (name.isTextual()) {
        return name.textValue();
      }
    } catch (JsonProcessingException e) {
      throw unreadable(file, e);
    }
    throw unreadable(file, null);
  }

  private static WeirException unreadable(ModelFile file, @Nullable Throwable cause) {
    return new WeirException(
        "model-class-refused",
        ErrorKind.DATA,
        "The model's file %s is not metadata as MLlib writes it: it names no class."
            .formatted(file.path()),
        "Nothing of it was loaded. Train the model again.",
        cause);
  }
}
