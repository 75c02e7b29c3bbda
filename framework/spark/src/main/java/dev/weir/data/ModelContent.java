package dev.weir.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.store.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;

/**
 * The digest of what a saved model is: the same for two fits that learned the same, though their
 * files differ in uids, times and names.
 *
 * <p>It is the SHA-256 of a line for each folder of metadata, each table of Parquet and each other
 * file, sorted by path. Metadata are JSON with sorted keys, without what {@link ModelNames} leaves
 * out. A table counts by its rows, as {@link ParquetRows} digests them, so that neither their order
 * and partitions nor compression, encodings and the writer's version matter: MLlib writes the same
 * rows as other bytes in each JVM. Any other file counts by its bytes.
 *
 * <p>In paths the stages of a chain are known by their index alone, and part files by their folder.
 */
final class ModelContent {
  private static final String FORM = "weir model content 1";
  private static final Pattern STAGE = Pattern.compile("(?<=^|/)stages/(\\d+)_[^/]*");
  private static final Pattern METADATA = Pattern.compile("(?:.*/)?metadata");
  private static final Pattern RANDOM =
      Pattern.compile("-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /** The folder in which a model of several trees keeps the metadata of each, as text in rows. */
  private static final String TREES = "treesMetadata";

  /** Models whose lists are sets, and come in any order. */
  private static final Set<String> OF_SETS =
      Set.of("org.apache.spark.ml.feature.ColumnPruner", "org.apache.spark.ml.fpm.FPGrowthModel");

  private final ScratchFolder folder;

  /** By normalised path. */
  private final Map<String, List<JsonNode>> metadata = new TreeMap<>();

  private final Map<String, List<ModelFile>> tables = new TreeMap<>();

  /** With their digests. */
  private final List<String> others = new ArrayList<>();

  /** The classes of what is saved in each folder, by its normalised path. */
  private final Map<String, String> classes = new HashMap<>();

  private ModelContent(ScratchFolder folder) {
    this.folder = folder;
  }

  /**
   * The digest of a saved model, as 64 hexadecimal digits.
   *
   * @param files all its files, sorted by path
   * @param folder where they are
   */
  static String digest(Collection<ModelFile> files, ScratchFolder folder) throws IOException {
    ModelContent content = new ModelContent(folder);
    for (ModelFile file : files) {
      content.add(file);
    }
    return content.digest();
  }

  /** All that the digest is of, value by value. */
  static ModelValues values(Collection<ModelFile> files, ScratchFolder folder) throws IOException {
    ModelContent content = new ModelContent(folder);
    for (ModelFile file : files) {
      content.add(file);
    }
    return content.values();
  }

  private void add(ModelFile file) throws IOException {
    String path = RANDOM.matcher(STAGE.matcher(file.path()).replaceAll("stages/$1")).replaceAll("");
    String parent = parent(path);
    if (METADATA.matcher(parent).matches()) {
      List<JsonNode> lines = metadata.computeIfAbsent(parent, key -> new ArrayList<>());
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(folder.open(file.path()), StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          lines.add(ModelNames.parse(line));
        }
      }
      lines.forEach(line -> classes.putIfAbsent(parent(parent), line.path("class").asText()));
    } else if (path.endsWith(".parquet")) {
      tables.computeIfAbsent(parent, key -> new ArrayList<>()).add(file);
    } else {
      others.add(path + " " + file.sha256());
    }
  }

  private String digest() throws IOException {
    ModelNames names = new ModelNames();
    metadata.forEach((path, lines) -> lines.forEach(line -> names.add(line, "#" + parent(path))));
    List<String> lines = new ArrayList<>();
    lines.add(FORM);
    // First all metadata: names that were made up are numbered as they are met in it.
    metadata.forEach(
        (path, nodes) -> nodes.forEach(node -> lines.add(path + " " + names.metadata(node))));
    for (Map.Entry<String, List<ModelFile>> table : tables.entrySet()) {
      String path = table.getKey();
      boolean trees = path.equals(TREES) || path.endsWith("/" + TREES);
      ParquetRows rows =
          new ParquetRows(
              trees ? names::treeMetadata : names::known,
              OF_SETS.contains(classes.getOrDefault(parent(path), "")));
      for (ModelFile file : table.getValue()) {
        rows.add(parquet(file), folder.configuration());
      }
      lines.add(path + " " + rows.digest());
    }
    others.stream().sorted().forEach(lines::add);
    return Sha256.of(String.join("\n", lines));
  }

  private ModelValues values() throws IOException {
    ModelNames names = new ModelNames();
    metadata.forEach((path, lines) -> lines.forEach(line -> names.add(line, "#" + parent(path))));
    ModelValues values = new ModelValues();
    metadata.forEach(
        (path, nodes) ->
            nodes.forEach(
                node -> {
                  SortedMap<String, Object> leaves = new TreeMap<>();
                  leaves("", ModelNames.parse(names.metadata(node)), leaves);
                  values.add(path, leaves);
                }));
    for (Map.Entry<String, List<ModelFile>> table : tables.entrySet()) {
      String path = table.getKey();
      boolean trees = path.equals(TREES) || path.endsWith("/" + TREES);
      for (ModelFile file : table.getValue()) {
        values.add(
            path,
            parquet(file),
            folder.configuration(),
            trees ? names::treeMetadata : names::known);
      }
    }
    for (String other : others) {
      int space = other.lastIndexOf(' ');
      values.add(
          other.substring(0, space), new TreeMap<>(Map.of("sha-256", other.substring(space + 1))));
    }
    return values;
  }

  private InputFile parquet(ModelFile file) throws IOException {
    return HadoopInputFile.fromPath(folder.path(file.path()), folder.configuration());
  }

  private static void leaves(String place, JsonNode node, SortedMap<String, Object> leaves) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              field ->
                  leaves(
                      place.isEmpty() ? field.getKey() : place + "." + field.getKey(),
                      field.getValue(),
                      leaves));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        leaves(place + "[" + i + "]", node.get(i), leaves);
      }
    } else {
      leaves.put(place, node.isFloatingPointNumber() ? (Object) node.doubleValue() : node.asText());
    }
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}
