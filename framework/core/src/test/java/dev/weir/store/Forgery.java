package dev.weir.store;

import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.DataFileStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Changes a table as somebody would who can write to its folder: in the files themselves, so that
 * no commit tells of it.
 */
public final class Forgery {
  private static final Pattern ADD = Pattern.compile("\"path\":\"([^\"]+)\"");
  private static final Pattern ACTIONS = Pattern.compile("(\\d+) actions");
  private static final Pattern SIZE = Pattern.compile("\"size\":\\d+");

  /** Changes the rows of one file; who returns them as they were leaves the file alone. */
  public interface Change {
    List<List<Object>> apply(List<String> columns, List<List<Object>> rows);
  }

  private Forgery() {}

  /**
   * Rewrites data files in their places, and what the log says of their size.
   *
   * @return how many files were changed
   */
  public static int rewrite(Path table, Change change) throws IOException {
    int changed = 0;
    try (Store store = Store.local()) {
      DeltaTable delta = store.table(table);
      StructType schema = delta.latest().kernel().getSchema();
      List<String> columns = delta.latest().columns();
      for (Path commit : commits(table)) {
        List<String> lines = new ArrayList<>(Files.readAllLines(commit));
        for (int i = 0; i < lines.size(); i++) {
          Matcher add = ADD.matcher(lines.get(i));
          if (!lines.get(i).startsWith("{\"add\"") || !add.find()) {
            continue;
          }
          Path file = table.resolve(URI.create(add.group(1)).getPath());
          List<List<Object>> rows = new ArrayList<>();
          CommitEntry entry = delta.log().entry(CommitLog.version(commit.toString())).orElseThrow();
          delta.read(entry, delta.latest(), columns, row -> rows.add(Arrays.asList(row)));
          List<List<Object>> forged = change.apply(columns, new ArrayList<>(rows));
          if (forged.equals(rows)) {
            continue;
          }
          changed++;
          if (forged.isEmpty()) {
            // A commit says how many actions it has.
            Matcher actions = ACTIONS.matcher(lines.get(0));
            if (!actions.find()) {
              throw new IllegalStateException(lines.get(0));
            }
            lines.set(
                0, actions.replaceFirst((Integer.parseInt(actions.group(1)) - 1) + " actions"));
            lines.remove(i--);
            continue;
          }
          long bytes = write(store, schema, forged, file);
          lines.set(i, SIZE.matcher(lines.get(i)).replaceFirst("\"size\":" + bytes));
        }
        Files.write(commit, lines);
      }
    }
    return changed;
  }

  private static List<Path> commits(Path table) throws IOException {
    try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
      return files.filter(file -> WholeCommit.isCommit(file.toString())).sorted().toList();
    }
  }

  private static long write(Store store, StructType schema, List<List<Object>> rows, Path into)
      throws IOException {
    Path folder = Files.createTempDirectory("forged");
    FilteredColumnarBatch batch =
        new FilteredColumnarBatch(new RowBatch(schema, rows), Optional.empty());
    try (var written =
        store
            .engine()
            .getParquetHandler()
            .writeParquetFiles(
                LocalFileIo.kernelPath(folder),
                Utils.singletonCloseableIterator(batch),
                List.of())) {
      DataFileStatus status = written.next();
      Files.move(LocalFileIo.path(status.getPath()), into, StandardCopyOption.REPLACE_EXISTING);
    }
    return Files.size(into);
  }

  /**
   * Puts all rows into one file, as OPTIMIZE does, and removes the others.
   *
   * @return the files that were removed from the table, and are still there
   */
  public static List<Path> compact(Path table) throws IOException {
    List<Path> before = dataFiles(table);
    List<Path> commits = commits(table);
    try (Store store = Store.local()) {
      TableSnapshot latest = store.table(table).latest();
      List<List<Object>> rows =
          latest.rows().stream().map(row -> (List<Object>) new ArrayList<>(row.values())).toList();
      Path file = table.resolve("compacted-%d.parquet".formatted(commits.size()));
      long bytes = write(store, latest.kernel().getSchema(), rows, file);
      List<String> lines = new ArrayList<>();
      lines.add(
          "{\"commitInfo\":{\"timestamp\":1,\"operation\":\"OPTIMIZE\",\"operationParameters\":{}}}");
      for (Path old : before) {
        lines.add(
            "{\"remove\":{\"path\":\"%s\",\"deletionTimestamp\":1,\"dataChange\":false}}"
                .formatted(old.getFileName()));
      }
      lines.add(
          "{\"add\":{\"path\":\"%s\",\"partitionValues\":{},\"size\":%d,\"modificationTime\":1,\"dataChange\":false}}"
              .formatted(file.getFileName(), bytes));
      Files.write(
          table.resolve("_delta_log").resolve("%020d.json".formatted(commits.size())), lines);
    }
    return before;
  }

  /** Takes a table's newest commit away, as if it had never been made. */
  public static void cutNewestCommit(Path table) throws IOException {
    List<Path> commits = commits(table);
    Path newest = commits.get(commits.size() - 1);
    Files.delete(newest);
    Files.deleteIfExists(
        newest.resolveSibling(newest.getFileName().toString().replace(".json", ".crc")));
  }

  /** The data files that a table's commits have added, in their order. */
  public static List<Path> dataFiles(Path table) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path commit : commits(table)) {
      for (String line : Files.readAllLines(commit)) {
        Matcher add = ADD.matcher(line);
        if (line.startsWith("{\"add\"") && add.find()) {
          files.add(table.resolve(URI.create(add.group(1)).getPath()));
        }
      }
    }
    return files;
  }
}
