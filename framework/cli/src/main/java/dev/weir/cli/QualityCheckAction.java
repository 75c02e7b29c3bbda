package dev.weir.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetName;
import dev.weir.artifact.DatasetVersion;
import dev.weir.config.Project;
import dev.weir.data.DatasetReader;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.ProfileHistory;
import dev.weir.lineage.Published;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.LoadedPipeline;
import dev.weir.pipeline.StageContext;
import dev.weir.pipeline.StageDefinition;
import dev.weir.quality.Subject;
import dev.weir.quality.Trial;
import dev.weir.quality.Validate;
import dev.weir.session.SparkSessions;
import dev.weir.session.SparkSettings;
import dev.weir.store.Home;
import dev.weir.store.TableSnapshot;
import java.io.PrintStream;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;

/** Tries what is expected of a dataset on one of its versions, without consequences. */
final class QualityCheckAction {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final QualityCheckCommand command;
  private final PrintStream out;
  private final Ansi ansi = Ansi.of(System.getenv());

  QualityCheckAction(QualityCheckCommand command, PrintStream out) {
    this.command = command;
    this.out = out;
  }

  int execute() {
    Input asked = DatasetChoice.parse(command.dataset);
    Project project = command.workspace.project();
    URI location = command.workspace.home(project);
    SparkLog.ofCommand(project, location, "quality");
    try (HomeReader reader = HomeReader.open(location)) {
      LineageReader lineage = reader.lineage();
      Published published = Published.of(lineage);
      Fact.DatasetWritten dataset = DatasetChoice.find(published, asked);
      UserCode code = UserCode.of(project, command.workspace, command.spark.jars);
      ClassLoader loader = code.install();
      SparkSettings settings = RunAction.settings(project, command.spark, code);
      LoadedPipeline loaded;
      try (HomeCatalog catalog = new HomeCatalog(location, SparkSessions.hadoop(settings))) {
        loaded =
            PipelineActions.load(
                project,
                command.workspace,
                pipeline(lineage, asked.name()),
                command.params,
                loader,
                catalog);
      }
      List<StageDefinition> stages = stages(loaded, asked.name());
      SparkSession spark = SparkSessions.start("weir quality", settings);
      Home home = reader.home().orElseThrow();
      boolean halts = false;
      for (StageDefinition stage : stages) {
        halts |= tried(stage, loaded, dataset, spark, home, lineage);
      }
      return halts ? ExitCode.HALTED : ExitCode.DONE;
    }
  }

  /** The pipeline that was asked for, or the one that looked into the dataset last. */
  private String pipeline(LineageReader lineage, DatasetName name) {
    String given = command.pipeline;
    return given != null
        ? given
        : ProfileHistory.lastPipeline(lineage, name)
            .orElseThrow(
                () ->
                    WeirException.user(
                        "no-pipeline",
                        "No pipeline has looked into %s yet.".formatted(name),
                        "Say with --pipeline which one expects something of it."));
  }

  private static List<StageDefinition> stages(LoadedPipeline loaded, DatasetName name) {
    List<StageDefinition> all =
        loaded.pipeline().stages().stream()
            .filter(stage -> stage.stage() instanceof Validate)
            .toList();
    List<StageDefinition> stages =
        all.stream()
            .filter(stage -> ((Validate) stage.stage()).from().name().equals(name))
            .toList();
    if (stages.isEmpty()) {
      List<String> checked =
          all.stream().map(stage -> ((Validate) stage.stage()).from().toString()).toList();
      throw WeirException.user(
          "nothing-expected",
          "The pipeline %s expects nothing of %s.".formatted(loaded.pipeline().name(), name),
          checked.isEmpty()
              ? "It has no stage 'validate'."
              : "It validates " + String.join(", ", checked) + ".");
    }
    return stages;
  }

  private boolean tried(
      StageDefinition stage,
      LoadedPipeline loaded,
      Fact.DatasetWritten dataset,
      SparkSession spark,
      Home home,
      LineageReader lineage) {
    DatasetVersion version = version(dataset);
    TableSnapshot snapshot = new DatasetReader(spark).look(dataset.path(), version.version());
    Published published = Published.of(lineage);
    Trial trial =
        Trial.of(
            (Validate) stage.stage(),
            subject(dataset, spark, home),
            version,
            new StageContext.Stored(dataset.tableId(), snapshot.bytes(), snapshot.committedAt()),
            () -> lineage,
            Instant.now(),
            other -> subject(DatasetChoice.find(published, other), spark, home));
    if (command.json) {
      trial.checks().forEach(check -> out.println(json(stage.name(), check)));
    } else {
      print(stage, loaded, version, trial);
    }
    return trial.halts();
  }

  private static DatasetVersion version(Fact.DatasetWritten dataset) {
    return (DatasetVersion) ArtifactVersion.parse(dataset.reference());
  }

  private static Subject subject(Fact.DatasetWritten dataset, SparkSession spark, Home home) {
    DatasetVersion version = version(dataset);
    return Subject.of(
        new DatasetReader(spark).read(dataset.path(), version.version(), dataset.tableId()),
        version,
        home.path());
  }

  private void print(
      StageDefinition stage, LoadedPipeline loaded, DatasetVersion version, Trial trial) {
    out.println(
        "%s, by stage '%s' of %s as it is written now:"
            .formatted(ansi.bold(version.reference()), stage.name(), loaded.pipeline().name()));
    for (Fact.Check check : trial.checks()) {
      String word =
          check.passed()
              ? ansi.dim(Text.pad("passed", 6))
              : check.halts() ? ansi.red("FAILED") : ansi.yellow(Text.pad("warns", 6));
      String column = check.column();
      out.println(
          "  %s  %s%s: %s; %s"
              .formatted(
                  word,
                  check.name(),
                  column == null ? "" : " " + column,
                  check.observed(),
                  check.expected()));
    }
    out.println(
        trial.halts()
            ? "It would be halted. Nothing was recorded."
            : "It would be accepted. Nothing was recorded.");
  }

  private static String json(String stage, Fact.Check check) {
    ObjectNode object = JSON.createObjectNode();
    Fact.Basis basis = Objects.requireNonNull(check.basis());
    object.put("stage", stage);
    object.put("name", check.name());
    object.put("subject", check.subject());
    object.put("column", check.column());
    object.put("passed", check.passed());
    object.put("halts", check.halts());
    object.put("severity", check.severity());
    object.put("owner", check.owner());
    object.put("observed", check.observed());
    object.put("expected", check.expected());
    object.put("value", check.value());
    object.put("low", basis.low());
    object.put("high", basis.high());
    object.put("expectation", basis.expectation());
    basis.learnedFrom().forEach(object.putArray("learned_from")::add);
    return object.toString();
  }
}
