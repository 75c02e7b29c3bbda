package dev.weir.reproduce;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.data.ContentDigest;
import dev.weir.data.DatasetReader;
import dev.weir.data.Gap;
import dev.weir.data.Layout;
import dev.weir.data.ModelStore;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.Fact;
import dev.weir.lineage.Interventions;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.Published;
import dev.weir.lineage.QuarantineVersion;
import dev.weir.pipeline.Gate;
import dev.weir.pipeline.Input;
import dev.weir.pipeline.ModelInput;
import dev.weir.pipeline.Pipeline;
import dev.weir.pipeline.Ports;
import dev.weir.pipeline.StageDefinition;
import dev.weir.provenance.Comparison;
import dev.weir.provenance.Provenance;
import dev.weir.provenance.Work;
import dev.weir.run.RunIds;
import dev.weir.run.RunListener;
import dev.weir.run.RunRequest;
import dev.weir.run.RunResult;
import dev.weir.run.Runner;
import dev.weir.run.Selection;
import dev.weir.session.SparkSessions;
import dev.weir.store.Home;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a model again, in a home of its own, by the stages that made it, and holds every result
 * against what was recorded. What came from outside is read as it was published; the home that
 * holds the model stays as it is.
 */
public final class Reproduction {
  private static final Logger LOG = LoggerFactory.getLogger(Reproduction.class);
  private static final int SHORT = 12;

  private final ReproductionRequest request;
  private final RunListener listener;
  private final Home home;
  private final LineageReader lineage;
  private final Provenance provenance;
  private final SparkSession spark;
  private final Home scratch;
  private final URI location;
  private final Causes differences = new Causes();

  private final List<Compared> compared = new ArrayList<>();
  private final Set<Cause> causes = new LinkedHashSet<>();
  private final Set<Cause> notes = new LinkedHashSet<>();

  /** What is read now in the place of a version of then, by the version and its table's id. */
  private final Map<String, Fact.DatasetWritten> datasets = new HashMap<>();

  /** The same of models, by the candidate of then. */
  private final Map<String, Fact.ModelWritten> models = new HashMap<>();

  private Reproduction(
      ReproductionRequest request,
      RunListener listener,
      Home home,
      LineageReader lineage,
      Provenance provenance,
      SparkSession spark,
      Home scratch,
      URI location) {
    this.request = request;
    this.listener = listener;
    this.home = home;
    this.lineage = lineage;
    this.provenance = provenance;
    this.spark = spark;
    this.scratch = scratch;
    this.location = location;
  }

  /**
   * Makes the model again.
   *
   * @param listener told what the runs do, one call at a time
   * @throws WeirException {@code empty-home}, {@code unknown-model}; {@code not-reproducible} if a
   *     stage's class or configuration can't be had
   */
  public static Reproduced of(ReproductionRequest request, RunListener listener)
      throws InterruptedException {
    Map<String, String> hadoop = SparkSessions.hadoop(request.spark());
    try (Home home =
        Home.existing(request.home(), hadoop).orElseThrow(() -> emptyHome(request.home()))) {
      LineageReader lineage =
          LineageReader.open(Events.existing(home).orElseThrow(() -> emptyHome(request.home())));
      Provenance provenance = Provenance.ofModel(lineage, request.model());
      List<Part> parts = Part.of(provenance, request.types());
      boolean running = SparkSession.getDefaultSession().isDefined();
      SparkSession spark = SparkSessions.start("weir reproduce", request.spark());
      URI location = below(request.scratch(), "weir-" + RunIds.next());
      try (Home scratch = Home.open(location, hadoop)) {
        return new Reproduction(
                request, listener, home, lineage, provenance, spark, scratch, location)
            .make(parts);
      } finally {
        if (!request.keep()) {
          delete(location, spark);
        }
        if (!running) {
          spark.stop();
        }
      }
    }
  }

  private static URI below(URI folder, String name) {
    return new Path(new Path(folder), name).toUri();
  }

  private static void delete(URI location, SparkSession spark) {
    Path path = new Path(location);
    try {
      path.getFileSystem(spark.sparkContext().hadoopConfiguration()).delete(path, true);
    } catch (IOException e) {
      LOG.warn("Can't remove {}, where a model was made again", location, e);
    }
  }

  private static WeirException emptyHome(URI location) {
    return WeirException.user(
        "empty-home",
        "Nothing has been run in the home %s yet.".formatted(location),
        "Name the home that holds the model with --home.");
  }

  private Reproduced make(List<Part> parts) throws InterruptedException {
    boolean readable = true;
    for (Work work : provenance.works()) {
      if (work.outside()) {
        for (Fact.DatasetWritten dataset : work.end().datasets()) {
          readable &= pin(work.stage(), dataset);
        }
      }
    }
    boolean whole = readable;
    for (Part part : parts) {
      if (whole) {
        whole = make(part);
      }
    }
    notes.removeAll(causes);
    return new Reproduced(
        provenance.subject(),
        compared,
        List.copyOf(causes),
        List.copyOf(notes),
        request.tolerance(),
        request.keep() ? location : null);
  }

  // --- What came from outside

  /**
   * Looks whether a version still holds what was published as it.
   *
   * @return whether it can be read
   */
  private boolean pin(String stage, Fact.DatasetWritten then) {
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(then.reference());
    // A home that was moved lies elsewhere than its facts say.
    String path = Layout.of(home).dataset(version.name());
    String trouble;
    ContentDigest.Content content = null;
    try {
      content =
          ContentDigest.compute(
              new DatasetReader(spark).read(path, version.version(), then.tableId()));
      trouble = "";
    } catch (Exception e) {
      // Scala's exceptions are unchecked.
      trouble = firstLine(e);
    }
    String was = shown(then.rows(), then.digest());
    if (content == null) {
      compared.add(
          new Compared(
              Compared.Kind.PINNED,
              then.reference(),
              stage,
              was,
              "can't be read",
              Likeness.DIFFERENT,
              null));
      causes.add(
          new Cause(
              Cause.Kind.DATA,
              stage,
              "%s can't be read any more: %s".formatted(then.reference(), trouble)));
      return false;
    }
    boolean same = content.digest().equals(then.digest());
    compared.add(
        new Compared(
            Compared.Kind.PINNED,
            then.reference(),
            stage,
            was,
            shown(content.rows(), content.digest()),
            same ? Likeness.IDENTICAL : Likeness.DIFFERENT,
            null));
    if (!same) {
      causes.add(
          new Cause(
              Cause.Kind.DATA,
              stage,
              "%s holds other rows than were published as it".formatted(then.reference())));
    }
    datasets.put(
        key(then.reference(), then.tableId()),
        new Fact.DatasetWritten(
            then.port(),
            then.reference(),
            then.tableId(),
            path,
            content.rows(),
            content.digest(),
            then.schema()));
    return true;
  }

  private static String firstLine(Throwable e) {
    Throwable cause = e;
    while (!(cause instanceof WeirException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage())
        .lines()
        .findFirst()
        .orElse(cause.getClass().getName())
        .replaceFirst("\\.$", "");
  }

  private static String key(String reference, @Nullable String tableId) {
    return reference + "#" + tableId;
  }

  private static String shown(long rows, String digest) {
    return "%,d rows %s".formatted(rows, shortened(digest));
  }

  private static String shortened(String digest) {
    return digest.substring(0, Math.min(SHORT, digest.length()));
  }

  // --- The work of one run

  /**
   * Does what a run did.
   *
   * @return whether all its stages succeeded
   */
  private boolean make(Part part) throws InterruptedException {
    Fact.Snapshot snapshot = snapshot(part);
    RunRequest run =
        new RunRequest(
                RunIds.next(),
                part.pipeline(),
                location,
                request.project(),
                request.spark(),
                request.modelClasses(),
                RunRequest.DEFAULT_PARALLELISM,
                RunRequest.DEFAULT_LEASE,
                request.environment(),
                null,
                Selection.FRESH,
                null)
            .reading(snapshot);
    carry(part);
    RunResult result;
    try (Runner runner = Runner.open(run, listener)) {
      result = runner.start().await();
    }
    Fact.RunStarted started =
        LineageReader.open(Events.open(scratch)).start(result.run()).orElseThrow();
    Map<String, Fact.StageFinished> ends = new LinkedHashMap<>();
    result.stages().forEach(end -> ends.put(end.stage(), end));
    boolean whole = true;
    for (String stage : part.pipeline().graph().order()) {
      Work then = Objects.requireNonNull(part.works().get(stage));
      Fact.StageFinished now = ends.get(stage);
      if (now == null || !now.state().published()) {
        whole = false;
        failed(part, then, now, started);
      } else {
        compare(part, then, now, started);
      }
    }
    return whole;
  }

  /** Has the new home know what people had decided when the work was done, and nothing later. */
  private void carry(Part part) {
    Set<String> ids = new HashSet<>();
    for (Work work : part.works().values()) {
      Fact.Fingerprint fingerprint = work.end().fingerprint();
      Fact.Content corrections =
          fingerprint == null ? null : fingerprint.inputs().get(Interventions.CORRECTIONS);
      if (corrections != null) {
        ids.addAll(List.of(corrections.reference().split(",", -1)));
      }
      work.end().checks().stream()
          .map(Fact.Check::overridden)
          .filter(Objects::nonNull)
          .forEach(ids::add);
    }
    List<Fact.Deed> decided =
        Interventions.of(lineage).all().stream()
            .filter(
                deed ->
                    (deed instanceof Fact.GateOverridden it && ids.contains(it.id()))
                        || (deed instanceof Fact.RowsCorrected that && ids.contains(that.id())))
            .toList();
    if (!decided.isEmpty()) {
      Events.open(scratch).append(decided);
    }
  }

  /** What the pipeline of a part reads from outside of it. */
  private Fact.Snapshot snapshot(Part part) {
    Pipeline pipeline = part.pipeline();
    Map<String, Fact.DatasetWritten> read = new LinkedHashMap<>();
    Map<String, Fact.ModelRead> loaded = new LinkedHashMap<>();
    for (StageDefinition definition : pipeline.stages()) {
      Work work = Objects.requireNonNull(part.works().get(definition.name()));
      Ports ports = Ports.of(definition.stage());
      for (Ports.Port<Input> port : ports.inputs()) {
        Input input = port.value();
        if (input.version() != null || pipeline.graph().producer(input.name()).isEmpty()) {
          find(work, port.name(), "dataset:" + input.name() + "@")
              .map(this::again)
              .ifPresent(dataset -> read.put(input.toString(), dataset));
        }
      }
      for (Ports.Port<ModelInput> port : ports.modelInputs()) {
        ModelInput input = port.value();
        if (input.number() != null || pipeline.graph().producer(input.name()).isEmpty()) {
          find(work, port.name(), "model:" + input.name() + "@")
              .or(() -> find(work, port.name(), "candidate:" + input.name() + "@"))
              .flatMap(
                  found ->
                      Optional.ofNullable(
                              models.get(
                                  provenance
                                      .candidates()
                                      .getOrDefault(found.reference(), found.reference())))
                          .map(model -> new Fact.ModelRead(found.reference(), model)))
              .ifPresent(model -> loaded.put(input.toString(), model));
        }
      }
    }
    return new Fact.Snapshot(read, loaded, Map.of());
  }

  /** What was read through a port, or through another port of the same name. */
  private static Optional<Fact.Read> find(Work work, String port, String beginning) {
    List<Fact.Read> reads =
        work.end().reads().stream().filter(read -> read.reference().startsWith(beginning)).toList();
    return reads.stream()
        .filter(read -> read.port().equals(port))
        .findFirst()
        .or(() -> reads.stream().findFirst());
  }

  /** What is read now in the place of what was read then. */
  private Fact.DatasetWritten again(Fact.Read read) {
    Fact.DatasetWritten made = datasets.get(key(read.reference(), read.detail()));
    if (made != null) {
      return made;
    }
    // Nobody is known to have made it: it is taken as it is.
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(read.reference());
    return Published.of(lineage)
        .dataset(version.name(), version.version())
        .orElseThrow(
            () ->
                new WeirException(
                    "not-reproducible",
                    ErrorKind.DATA,
                    "The lineage does not say what %s held.".formatted(read.reference()),
                    "Make the lineage tables anew: ./weir lineage rebuild."));
  }

  private void failed(
      Part part, Work then, Fact.@Nullable StageFinished now, Fact.RunStarted startedNow) {
    Fact.Failure error = now == null ? null : now.error();
    compared.add(
        new Compared(
            Compared.Kind.STAGE,
            then.stage(),
            then.stage(),
            "SUCCEEDED",
            now == null ? "SKIPPED" : now.state().name(),
            Likeness.DIFFERENT,
            null));
    if (now != null && error != null) {
      causes.add(new Cause(Cause.Kind.FAILURE, then.stage(), error.message()));
      // Not what it would have noted later.
      differences.of(then, part.started(), definition(part, then), now, startedNow).stream()
          .filter(cause -> cause.kind() != Cause.Kind.CONFIGURATION)
          .forEach(causes::add);
    }
  }

  private static StageDefinition definition(Part part, Work work) {
    return part.pipeline().stages().stream()
        .filter(stage -> stage.name().equals(work.stage()))
        .findFirst()
        .orElseThrow();
  }

  // --- Comparing

  private void compare(Part part, Work then, Fact.StageFinished now, Fact.RunStarted startedNow) {
    int before = compared.size();
    for (Fact.DatasetWritten was : then.end().datasets()) {
      now.datasets().stream()
          .filter(is -> is.port().equals(was.port()))
          .findFirst()
          .ifPresent(
              is -> {
                datasets.put(key(was.reference(), was.tableId()), is);
                compared.add(
                    definition(part, then).stage() instanceof Gate
                            && was.port().equals(QuarantineVersion.PORT)
                        ? aside(then.stage(), was, is)
                        : dataset(then.stage(), was, is));
              });
    }
    for (Fact.ModelWritten was : then.end().models()) {
      now.models().stream()
          .filter(is -> is.port().equals(was.port()))
          .findFirst()
          .ifPresent(
              is -> {
                models.put(was.reference(), is);
                compared.add(model(then.stage(), was, is));
              });
    }
    metrics(then, now);
    Likeness worst =
        compared.subList(before, compared.size()).stream()
            .map(Compared::likeness)
            .reduce(Likeness.IDENTICAL, (a, b) -> a.or(b));
    List<Cause> found =
        differences.of(then, part.started(), definition(part, then), now, startedNow);
    if (worst == Likeness.IDENTICAL) {
      notes.addAll(found);
    } else if (!found.isEmpty()) {
      causes.addAll(found);
    } else if (Causes.differingInputs(then.end().fingerprint(), now.fingerprint()).isEmpty()) {
      causes.add(
          new Cause(
              Cause.Kind.UNEXPLAINED,
              then.stage(),
              "nothing that was recorded of the stage is otherwise"));
    }
  }

  /** Rows that were put aside say by which run, which is always another: they are counted. */
  private static Compared aside(String stage, Fact.DatasetWritten was, Fact.DatasetWritten is) {
    return new Compared(
        Compared.Kind.DATASET,
        was.reference(),
        stage,
        "%,d rows put aside".formatted(was.rows()),
        "%,d rows put aside".formatted(is.rows()),
        was.rows() == is.rows() ? Likeness.IDENTICAL : Likeness.DIFFERENT,
        null);
  }

  private Compared dataset(String stage, Fact.DatasetWritten was, Fact.DatasetWritten is) {
    Likeness likeness = Likeness.IDENTICAL;
    String detail = null;
    if (!was.digest().equals(is.digest()) || was.rows() != is.rows()) {
      Gap gap = Gap.whole("rows", was.rows(), is.rows());
      if (gap.relative() == 0) {
        try {
          gap = NearRows.gap(rows(home, was), rows(scratch, is));
        } catch (Exception e) {
          // Scala's exceptions are unchecked.
          gap = Gap.whole("rows then", "not readable any more: " + firstLine(e), "readable");
        }
      }
      // What is there may not be what was recorded.
      boolean other =
          gap.relative() == 0
              && !ContentDigest.compute(rows(home, was)).digest().equals(was.digest());
      likeness = near(gap) && !other ? Likeness.EQUAL : Likeness.DIFFERENT;
      detail = other ? "the rows then are not those of the recorded digest" : text(gap);
    }
    return new Compared(
        Compared.Kind.DATASET,
        was.reference(),
        stage,
        shown(was.rows(), was.digest()),
        shown(is.rows(), is.digest()),
        likeness,
        detail);
  }

  private Dataset<Row> rows(Home where, Fact.DatasetWritten written) {
    DatasetVersion version = (DatasetVersion) ArtifactVersion.parse(written.reference());
    return new DatasetReader(spark)
        .read(Layout.of(where).dataset(version.name()), version.version(), written.tableId());
  }

  private Compared model(String stage, Fact.ModelWritten was, Fact.ModelWritten is) {
    Likeness likeness = Likeness.IDENTICAL;
    String detail = null;
    if (was.content().isEmpty() || !was.content().equals(is.content())) {
      Gap gap;
      try {
        gap = files(home).values(was, spark).gap(files(scratch).values(is, spark));
      } catch (WeirException e) {
        gap = Gap.whole("files then", "not readable any more: " + firstLine(e), "readable");
      }
      boolean other =
          gap.relative() == 0
              && !was.content().isEmpty()
              && !files(home).content(was, spark).equals(was.content());
      likeness = near(gap) && !other ? Likeness.EQUAL : Likeness.DIFFERENT;
      detail = other ? "the files then are not those of the recorded digest" : text(gap);
    }
    return new Compared(
        Compared.Kind.MODEL,
        was.reference(),
        stage,
        was.content().isEmpty() ? "" : shortened(was.content()),
        shortened(is.content()),
        likeness,
        detail);
  }

  private static String text(Gap gap) {
    return gap.relative() == 0 ? "only in what comes to nothing" : gap.text();
  }

  /** The models of a home, whose files are laid out in the new one. */
  private ModelStore files(Home where) {
    return new ModelStore(
        where.table(Layout.ARTIFACTS), Layout.of(scratch).scratch(), request.modelClasses());
  }

  private void metrics(Work then, Fact.StageFinished now) {
    Map<String, Double> is = new HashMap<>();
    now.metrics().forEach(metric -> is.put(name(metric), metric.value()));
    for (Fact.Metric metric : then.end().metrics()) {
      if (!Comparison.repeatable(metric.name())) {
        continue;
      }
      Double value = is.get(name(metric));
      Gap gap =
          value == null
              ? Gap.whole(metric.name(), metric.value(), "nothing")
              : Gap.between(metric.name(), metric.value(), value);
      boolean same = value != null && Double.compare(value, metric.value()) == 0;
      compared.add(
          new Compared(
              Compared.Kind.METRIC,
              metric.name(),
              then.stage(),
              Double.toString(metric.value()),
              value == null ? "nothing" : Double.toString(value),
              same ? Likeness.IDENTICAL : near(gap) ? Likeness.EQUAL : Likeness.DIFFERENT,
              null));
    }
  }

  /** A metric by its name and, without its version, what it is of. */
  private static String name(Fact.Metric metric) {
    String subject = metric.subject();
    return metric.name() + " of " + (subject == null ? "" : subject.replaceFirst("@[^@]*$", ""));
  }

  private boolean near(Gap gap) {
    return gap.relative() <= request.tolerance();
  }
}
