package dev.weir.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What a model needs and what {@link Predictions} makes with it.
 *
 * @param inputs the columns of the training data that it can't be applied without
 * @param outputs the columns of its predictions
 */
public record ModelSignature(StructType inputs, StructType outputs) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Finds the signature by leaving out one column after the other: one is needed if the rest does
   * not fit the model. So it holds for transformers of a user's own, too.
   *
   * @param trainedOn the schema of the training data
   */
  public static ModelSignature of(PipelineModel model, StructType trainedOn) {
    List<StructField> needed = new ArrayList<>(List.of(trainedOn.fields()));
    for (StructField field : trainedOn.fields()) {
      needed.remove(field);
      if (!fits(model, schema(needed))) {
        needed.add(field);
      }
    }
    // In the order of the training data, whatever was put back last.
    List<StructField> inputs = new ArrayList<>(List.of(trainedOn.fields()));
    inputs.retainAll(needed);
    StructType all = schema(inputs);
    return new ModelSignature(all, Predictions.columns(model, all));
  }

  /**
   * {@code {"inputs":[{"name":"income","type":"double"}],"outputs":[…]}}, with types as SQL names
   * them.
   */
  public String json() {
    ObjectNode node = JSON.createObjectNode();
    add(node.putArray("inputs"), inputs);
    add(node.putArray("outputs"), outputs);
    return node.toString();
  }

  private static void add(ArrayNode array, StructType schema) {
    for (StructField field : schema.fields()) {
      array.addObject().put("name", field.name()).put("type", field.dataType().catalogString());
    }
  }

  private static boolean fits(PipelineModel model, StructType schema) {
    try {
      model.transformSchema(schema);
      return true;
    } catch (Exception e) {
      // Scala throws checked exceptions undeclared: a statement of SQL over a missing column does.
      return false;
    }
  }

  private static StructType schema(List<StructField> fields) {
    return DataTypes.createStructType(fields);
  }
}
