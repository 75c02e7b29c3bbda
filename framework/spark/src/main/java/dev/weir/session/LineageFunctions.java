package dev.weir.session;

import dev.weir.artifact.ArtifactVersion;
import dev.weir.artifact.DatasetVersion;
import dev.weir.artifact.ModelCandidate;
import dev.weir.artifact.ModelVersion;
import dev.weir.artifact.SourceFile;
import dev.weir.error.WeirException;
import dev.weir.lineage.Events;
import dev.weir.lineage.LineageReader;
import dev.weir.lineage.Walk;
import dev.weir.store.Home;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * The table functions {@code lineage_upstream} and {@code lineage_downstream} of Spark SQL: {@code
 * select * from lineage_upstream('model:credit.default@1')}, with a greatest depth as a second
 * argument where not all is wanted.
 *
 * <p>A session has them by {@code spark.sql.extensions}, and finds the home by {@code
 * spark.weir.home}. They have a row for the start, of depth 0, and one for each edge: what it leads
 * to, and from which thing it was come to. The walk is made in the driver when the query is
 * analysed, with the lineage as it is then; it reads through Kernel and starts no job of Spark's.
 */
public final class LineageFunctions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  /** The setting that says where the home is. */
  public static final String HOME = "spark.weir.home";

  private static final StructType SCHEMA =
      new StructType()
          .add("depth", DataTypes.IntegerType, false)
          .add("reference", DataTypes.StringType, false)
          .add("kind", DataTypes.StringType, false)
          .add("name", DataTypes.StringType, false)
          .add("version", DataTypes.StringType, false)
          .add("digest", DataTypes.StringType, true)
          .add("from_reference", DataTypes.StringType, true)
          .add("run", DataTypes.StringType, true)
          .add("stage", DataTypes.StringType, true)
          .add("attempt", DataTypes.IntegerType, true)
          .add("pipeline", DataTypes.StringType, true)
          .add("at", DataTypes.TimestampType, true)
          .add("table_id", DataTypes.StringType, true);

  private static final String COLUMNS =
      " depth: edges from the start by the shortest way; from_reference: what it was come to from;"
          + " run, stage, attempt, pipeline, at: what made the edge, or the start.";

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    inject(
        extensions,
        "lineage_upstream",
        Walk.Direction.UP,
        "_FUNC_(reference[, depth]) - Everything that it was made from." + COLUMNS);
    inject(
        extensions,
        "lineage_downstream",
        Walk.Direction.DOWN,
        "_FUNC_(reference[, depth]) - Everything that was made from it." + COLUMNS);
    return BoxedUnit.UNIT;
  }

  private static void inject(
      SparkSessionExtensions extensions, String name, Walk.Direction direction, String usage) {
    Function1<Seq<Expression>, LogicalPlan> builder =
        arguments -> relation(name, direction, CollectionConverters.asJava(arguments));
    extensions.injectTableFunction(
        new Tuple3<>(
            new FunctionIdentifier(name),
            new ExpressionInfo(
                LineageFunctions.class.getName(), null, name, usage, "", "", "", "", "", "", ""),
            builder));
  }

  private static LogicalPlan relation(
      String name, Walk.Direction direction, List<Expression> arguments) {
    if (arguments.isEmpty() || arguments.size() > 2) {
      throw misused(name, "has %d arguments".formatted(arguments.size()));
    }
    Object reference = value(name, arguments.get(0));
    Object depth = arguments.size() < 2 ? Integer.MAX_VALUE : value(name, arguments.get(1));
    if (!(depth instanceof Integer steps) || steps < 1) {
      throw misused(name, "has the depth " + depth);
    }
    List<Row> rows = rows(String.valueOf(reference), direction, steps);
    // Attributes are a kind of what Scala's list takes, which Java does not see.
    @SuppressWarnings({"unchecked", "rawtypes"})
    Seq<Attribute> attributes = (Seq) DataTypeUtils.toAttributes(SCHEMA);
    return LocalRelation.fromExternalRows(attributes, CollectionConverters.asScala(rows).toSeq());
  }

  private static Object value(String name, Expression argument) {
    if (!argument.foldable()) {
      throw misused(name, "has an argument that is not constant: " + argument.sql());
    }
    Object value = argument.eval(null);
    if (value == null) {
      throw misused(name, "has NULL for an argument");
    }
    return value;
  }

  private static WeirException misused(String name, String found) {
    return WeirException.user(
        "lineage-function",
        "%s %s.".formatted(name, found),
        "Write %s('model:credit.default@1'), with a depth from 1 up as a second argument where not all is wanted."
            .formatted(name));
  }

  private static List<Row> rows(String reference, Walk.Direction direction, int depth) {
    String location = SQLConf.get().getConfString(HOME, "");
    if (location.isBlank()) {
      throw WeirException.user(
          "no-home",
          "The session does not know which home's lineage is meant.",
          "Set it: spark.conf.set(\"%s\", \"/path/to/.weir\").".formatted(HOME));
    }
    URI home = uri(location);
    try (Home opened = Home.existing(home, hadoop()).orElse(null)) {
      Events events = opened == null ? null : Events.existing(opened).orElse(null);
      if (events == null) {
        throw WeirException.user(
            "empty-home",
            "Nothing has been run in the home %s yet.".formatted(location),
            "Set %s to another home, or run a pipeline first.".formatted(HOME));
      }
      return rows(
          Walk.of(LineageReader.open(events), new Walk.Start(reference, null), direction, depth));
    }
  }

  private static URI uri(String location) {
    return location.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")
        ? URI.create(location)
        : Path.of(location).toAbsolutePath().toUri();
  }

  /** With what the session reaches stores. */
  private static Map<String, String> hadoop() {
    Map<String, String> properties = new HashMap<>();
    CollectionConverters.asJava(SparkSession.active().conf().getAll())
        .forEach(
            (key, value) -> {
              if (key.startsWith("spark.hadoop.")) {
                properties.put(key.substring("spark.hadoop.".length()), value);
              }
            });
    return properties;
  }

  private static List<Row> rows(Walk walk) {
    Map<Walk.Node, String> digests = walk.digests();
    List<Row> rows = new ArrayList<>();
    rows.add(row(walk.start(), digests, null, walk.start().maker()));
    boolean up = walk.direction() == Walk.Direction.UP;
    for (Walk.Edge edge : walk.edges()) {
      Walk.Node far = up ? edge.from() : edge.to();
      Walk.Node near = up ? edge.to() : edge.from();
      rows.add(row(far, digests, near.reference(), edge.by()));
    }
    return rows;
  }

  private static Row row(
      Walk.Node node,
      Map<Walk.Node, String> digests,
      @Nullable String from,
      Walk.@Nullable Maker by) {
    ArtifactVersion version = ArtifactVersion.parse(node.reference());
    String name;
    String number;
    if (version instanceof DatasetVersion dataset) {
      name = dataset.name().toString();
      number = String.valueOf(dataset.version());
    } else if (version instanceof ModelVersion model) {
      name = model.name().toString();
      number = String.valueOf(model.number());
    } else if (version instanceof ModelCandidate candidate) {
      name = candidate.name().toString();
      number = candidate.run();
    } else {
      SourceFile file = (SourceFile) version;
      name = file.path();
      number = file.sha256();
    }
    return RowFactory.create(
        node.depth(),
        node.reference(),
        node.reference().substring(0, node.reference().indexOf(':')),
        name,
        number,
        digests.get(node),
        from,
        by == null ? null : by.run(),
        by == null ? null : by.stage(),
        by == null ? null : by.attempt(),
        by == null ? null : by.pipeline(),
        by == null ? null : by.at(),
        node.table());
  }
}
