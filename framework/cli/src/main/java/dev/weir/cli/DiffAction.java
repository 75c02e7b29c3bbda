package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.lineage.LineageReader;
import dev.weir.provenance.Comparison;
import dev.weir.provenance.Difference;
import dev.weir.provenance.Provenance;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Shows how two models or runs differ; all of it without Spark. */
final class DiffAction {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final int WIDEST = 64;

  /** So many files of a folder that differ are listed one by one; --all lists any number. */
  private static final int FEW_FILES = 5;

  private final DiffCommand command;
  private final PrintStream out = System.out;
  private final Ansi ansi = Ansi.of(System.getenv());

  DiffAction(DiffCommand command) {
    this.command = command;
  }

  int execute() {
    try (HomeReader home = HomeReader.open(command.workspace.home(command.workspace.project()))) {
      LineageReader lineage = home.lineage();
      Provenance first = provenance(lineage, command.first);
      Provenance second = provenance(lineage, command.second);
      List<Difference> all = Comparison.of(first, second);
      List<Difference> shown =
          command.all ? all : all.stream().filter(difference -> !difference.same()).toList();
      if (command.json) {
        printJson(first, second, shown);
      } else {
        print(first, second, shown, all.size());
      }
      return ExitCode.DONE;
    }
  }

  /** Names of models have a dot, and ids of runs have none. */
  private static Provenance provenance(LineageReader lineage, String asked) {
    return asked.contains(".") || asked.contains(":")
        ? Provenance.ofModel(lineage, asked)
        : Provenance.ofRun(lineage, RunFinder.find(lineage, asked).run());
  }

  private void print(Provenance first, Provenance second, List<Difference> shown, int all) {
    out.println("%s  %s".formatted(ansi.bold(first.subject()), ansi.bold(second.subject())));
    for (Difference.Part part : Difference.Part.values()) {
      List<Difference> found =
          shown.stream().filter(difference -> difference.part() == part).toList();
      if (found.isEmpty()) {
        continue;
      }
      out.println();
      out.println(part.name().toLowerCase(Locale.ROOT));
      Grid grid = new Grid();
      for (Difference difference : command.all ? found : folded(part, found)) {
        grid.add(
            part == Difference.Part.FILES
                ? Text.fitEnd(difference.name(), WIDEST)
                : Text.fit(difference.name(), WIDEST),
            cell(difference.first()),
            cell(difference.second()),
            command.all && !difference.same() ? "differs" : "");
      }
      grid.print(out, "  ");
    }
    long differing = shown.stream().filter(difference -> !difference.same()).count();
    out.println();
    out.println(
        differing == 0
            ? "The same in all of %s.".formatted(Text.count(all, "value"))
            : "%s of %s.".formatted(Text.count(differing, "difference"), Text.count(all, "value")));
  }

  /** Many files of one folder, such as the days of a feed, are one line. */
  static List<Difference> folded(Difference.Part part, List<Difference> found) {
    if (part != Difference.Part.FILES) {
      return found;
    }
    Map<String, List<Difference>> folders = new LinkedHashMap<>();
    for (Difference file : found) {
      String folder = file.name().substring(0, file.name().lastIndexOf('/') + 1);
      folders.computeIfAbsent(folder, name -> new ArrayList<>()).add(file);
    }
    List<Difference> lines = new ArrayList<>();
    folders.forEach(
        (folder, files) -> {
          if (files.size() <= FEW_FILES) {
            lines.addAll(files);
          } else {
            lines.add(
                new Difference(
                    part,
                    folder,
                    counted(files, Difference::first),
                    counted(files, Difference::second),
                    false));
          }
        });
    return lines;
  }

  private static @Nullable String counted(
      List<Difference> files, Function<Difference, @Nullable String> side) {
    long there = files.stream().filter(file -> side.apply(file) != null).count();
    return there == 0 ? null : Text.count(there, "file");
  }

  private static String cell(@Nullable String value) {
    return value == null ? "—" : Text.fit(value, WIDEST);
  }

  private void printJson(Provenance first, Provenance second, List<Difference> shown) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("first", first.subject());
    object.put("second", second.subject());
    object.put("same", shown.stream().allMatch(Difference::same));
    object.put("differences", shown);
    try {
      out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + object, e);
    }
  }
}
