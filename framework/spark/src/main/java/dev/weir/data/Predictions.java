package dev.weir.data;

import dev.weir.error.ErrorKind;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.session.Identifiers;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Applies a model and lays its predictions out in plain columns that any reader of Delta can use.
 *
 * <ul>
 *   <li>{@code prediction}: the class, value or cluster predicted
 *   <li>{@code probability}: an array with the probability of each class or cluster, where the
 *       model gives them
 *   <li>{@code score}: the probability of class 1, where there are two classes
 *   <li>{@code margin}: the signed distance from the boundary, from a linear support vector machine
 *   <li>{@code topics}: an array with the share of each topic, from LDA
 * </ul>
 */
public final class Predictions {
  private Predictions() {}

  /** A column made from what the model's last stage gives. */
  private record Made(String name, DataType type, Column value) {}

  /**
   * Scores rows.
   *
   * @param keep the columns of {@code rows} to keep beside the predictions, or null for all
   * @throws WeirException if the rows lack a column that the model needs, or have one that it makes
   */
  public static Dataset<Row> score(
      PipelineModel model, Dataset<Row> rows, @Nullable List<String> keep) {
    List<String> columns = List.of(rows.columns());
    List<String> kept = keep == null ? columns : keep;
    for (String name : kept) {
      if (!columns.contains(name)) {
        throw WeirException.user(
            "unknown-column",
            "The rows to score have no column '%s' to keep%s"
                .formatted(name, Nearest.ending(name, columns)),
            "They have " + String.join(", ", columns) + ".");
      }
    }
    StructType scored = fit(model, rows.schema());
    List<Column> result = new ArrayList<>();
    List<Made> made = made(model, scored);
    for (String name : kept) {
      if (made.stream().anyMatch(m -> m.name().equals(name))) {
        throw WeirException.user(
            "column-exists",
            "The rows to score have a column '%s', which the predictions have too.".formatted(name),
            "Rename it, or list the columns to keep without it.");
      }
      result.add(plain(name, rows.schema().apply(name).dataType()));
    }
    made.forEach(m -> result.add(m.value().as(m.name())));
    return model.transform(rows).select(result.toArray(Column[]::new));
  }

  /** The columns that {@link #score} adds to rows of a schema. */
  static StructType columns(PipelineModel model, StructType inputs) {
    List<StructField> fields = new ArrayList<>();
    for (Made column : made(model, fit(model, inputs))) {
      fields.add(DataTypes.createStructField(column.name(), column.type(), true));
    }
    return DataTypes.createStructType(fields);
  }

  private static StructType fit(PipelineModel model, StructType schema) {
    StructType next = schema;
    for (Transformer stage : model.stages()) {
      try {
        next = stage.transformSchema(next);
      } catch (Exception e) {
        throw new WeirException(
            "model-does-not-fit",
            ErrorKind.USER,
            "The model's %s does not take these rows: %s"
                .formatted(stage.getClass().getSimpleName(), e.getMessage()),
            "They have %s.".formatted(schema.simpleString()),
            e);
      }
    }
    return next;
  }

  private static List<Made> made(PipelineModel model, StructType scored) {
    List<Made> made = new ArrayList<>();
    Transformer last = model.stages()[model.stages().length - 1];
    String prediction = column(last, "predictionCol");
    if (prediction != null) {
      made.add(made("prediction", prediction, scored));
    }
    String probability = column(last, "probabilityCol");
    if (probability != null) {
      made.add(made("probability", probability, scored));
      if (last instanceof ProbabilisticClassificationModel<?, ?> classifier
          && classifier.numClasses() == 2) {
        made.add(new Made("score", DataTypes.DoubleType, array(probability).getItem(1)));
      }
    }
    String raw = column(last, "rawPredictionCol");
    if (raw != null && last instanceof LinearSVCModel) {
      made.add(new Made("margin", DataTypes.DoubleType, array(raw).getItem(1)));
    }
    String topics = column(last, "topicDistributionCol");
    if (topics != null) {
      made.add(made("topics", topics, scored));
    }
    return made;
  }

  private static Made made(String name, String from, StructType scored) {
    DataType type = scored.apply(from).dataType();
    boolean vector = type.equals(SQLDataTypes.VectorType());
    return new Made(
        name,
        vector ? DataTypes.createArrayType(DataTypes.DoubleType, false) : type,
        plain(from, type));
  }

  private static Column plain(String name, DataType type) {
    return type.equals(SQLDataTypes.VectorType()) ? array(name).as(name) : Identifiers.column(name);
  }

  private static Column array(String name) {
    return functions.vector_to_array(Identifiers.column(name), "float64");
  }

  /** The value of a column parameter of a stage, or null if it has none or an empty one. */
  private static @Nullable String column(Transformer stage, String param) {
    if (!stage.hasParam(param)) {
      return null;
    }
    Param<Object> found = stage.getParam(param);
    if (!stage.isDefined(found)) {
      return null;
    }
    String name = String.valueOf(stage.getOrDefault(found));
    return name.isEmpty() ? null : name;
  }
}
