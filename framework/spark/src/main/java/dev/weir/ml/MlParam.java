package dev.weir.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.Matrices;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayArrayParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.FloatParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * A parameter of MLlib with what it takes: its values as JSON, checked by its type and then by
 * MLlib's own validator.
 *
 * @param owner the short name of the class it belongs to
 */
record MlParam(String owner, Param<Object> param, Kind kind) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a parameter takes. */
  enum Kind {
    DOUBLE("a number"),
    FLOAT("a number"),
    INT("a whole number"),
    LONG("a whole number"),
    BOOLEAN("true or false"),
    TEXT("a text"),
    TEXTS("a list of texts"),
    DOUBLES("a list of numbers"),
    INTS("a list of whole numbers"),
    TABLE("a list of lists of numbers"),
    VECTOR("a list of numbers"),
    MATRIX("a list of rows, each a list of numbers"),
    STAGE("a stage, as { Name: { … } }"),
    OTHER("what MLlib writes of it as JSON");

    final String takes;

    Kind(String takes) {
      this.takes = takes;
    }
  }

  /** The parameter of a stage by name, or null. */
  static List<MlParam> of(PipelineStage stage) {
    List<MlParam> found = new ArrayList<>();
    for (Param<?> param : stage.params()) {
      found.add(of(stage, param));
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  static MlParam of(PipelineStage stage, Param<?> param) {
    return new MlParam(
        MlCatalog.shortName(stage.getClass()), (Param<Object>) param, kind(stage, param));
  }

  String name() {
    return param.name();
  }

  /** {@code LogisticRegression.maxIter}. */
  String fullName() {
    return owner + "." + name();
  }

  /** The value as JSON, in the form that MLlib itself writes. */
  String encode(Object value) {
    if (kind == Kind.STAGE && value instanceof PipelineStage stage) {
      return MlStage.of(stage).json().toString();
    }
    try {
      return param.jsonEncode(value);
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "%s can't be kept as text: it holds %s"
              .formatted(fullName(), value.getClass().getSimpleName()),
          e);
    }
  }

  /** The value as a person reads it: JSON, but a text without its quotes. */
  String display(Object value) {
    return value instanceof String text ? text : encode(value);
  }

  /**
   * Reads a value and has MLlib validate it.
   *
   * @throws IllegalArgumentException saying what the parameter takes
   */
  Object decode(JsonNode node) {
    Object value;
    try {
      value = convert(node);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(mistyped(describe(node)), e);
    }
    try {
      param.w(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s does not take %s: %s".formatted(fullName(), display(value), param.doc()), e);
    }
    return value;
  }

  String mistyped(String found) {
    return "%s takes %s, not %s".formatted(fullName(), kind.takes, found);
  }

  /** Parses the text that {@link #encode} gave. */
  static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("'" + text + "' is not JSON", e);
    }
  }

  /** The JSON schema of what {@link #decode} accepts, with the parameter's own description. */
  ObjectNode schema(PipelineStage stage) {
    ObjectNode schema = type(kind);
    schema.put("description", param.doc());
    scala.Option<Object> preset = stage.getDefault(param);
    // The seed's default is a hash of the class name, which Weir's own seed replaces.
    if (preset.isDefined() && !name().equals("seed")) {
      schema.set("default", parse(encode(preset.get())));
    }
    return schema;
  }

  private static ObjectNode type(Kind kind) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    return switch (kind) {
      case DOUBLE, FLOAT -> schema.put("type", "number");
      case INT, LONG -> schema.put("type", "integer");
      case BOOLEAN -> schema.put("type", "boolean");
      case TEXT -> schema.put("type", "string");
      case TEXTS -> array(Kind.TEXT);
      case DOUBLES, VECTOR -> array(Kind.DOUBLE);
      case INTS -> array(Kind.INT);
      case TABLE, MATRIX -> array(Kind.DOUBLES);
      case STAGE -> schema.put("type", "object").put("minProperties", 1).put("maxProperties", 1);
      case OTHER -> schema;
    };
  }

  private static ObjectNode array(Kind items) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "array");
    schema.set("items", type(items));
    return schema;
  }

  private Object convert(JsonNode node) {
    return switch (kind) {
      case DOUBLE -> number(node);
      case FLOAT -> (float) number(node);
      case INT -> whole(node);
      case LONG -> {
        require(node.isIntegralNumber() && node.canConvertToLong());
        yield node.longValue();
      }
      case BOOLEAN -> {
        require(node.isBoolean());
        yield node.booleanValue();
      }
      case TEXT -> text(node);
      case TEXTS -> list(node, MlParam::text).toArray(String[]::new);
      case DOUBLES -> numbers(node);
      case INTS -> list(node, MlParam::whole).stream().mapToInt(Integer::intValue).toArray();
      case TABLE -> list(node, MlParam::numbers).toArray(double[][]::new);
      case VECTOR -> node.isArray() ? Vectors.dense(numbers(node)) : object(node, Vector.class);
      case MATRIX -> node.isArray() ? matrix(node) : object(node, Matrix.class);
      case STAGE -> MlStage.of(node).create(owner + "_" + name());
      case OTHER -> param.jsonDecode(node.toString());
    };
  }

  private Object object(JsonNode node, Class<?> type) {
    require(node.isObject());
    return type.cast(param.jsonDecode(node.toString()));
  }

  private static double number(JsonNode node) {
    if (node.isTextual()) {
      // JSON has no number for these: the texts are MLlib's.
      return switch (node.textValue()) {
        case "NaN" -> Double.NaN;
        case "Inf" -> Double.POSITIVE_INFINITY;
        case "-Inf" -> Double.NEGATIVE_INFINITY;
        default -> throw new IllegalArgumentException("not a number");
      };
    }
    require(node.isNumber());
    return node.doubleValue();
  }

  private static int whole(JsonNode node) {
    require(node.isIntegralNumber() && node.canConvertToInt());
    return node.intValue();
  }

  private static String text(JsonNode node) {
    require(node.isTextual());
    return node.textValue();
  }

  private static double[] numbers(JsonNode node) {
    return list(node, MlParam::number).stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static Matrix matrix(JsonNode node) {
    List<double[]> rows = list(node, MlParam::numbers);
    require(!rows.isEmpty());
    int columns = rows.get(0).length;
    double[] values = new double[rows.size() * columns];
    for (int i = 0; i < rows.size(); i++) {
      require(rows.get(i).length == columns);
      for (int j = 0; j < columns; j++) {
        values[j * rows.size() + i] = rows.get(i)[j];
      }
    }
    return Matrices.dense(rows.size(), columns, values);
  }

  private static <T> List<T> list(JsonNode node, Function<JsonNode, T> item) {
    require(node.isArray());
    List<T> items = new ArrayList<>();
    node.forEach(element -> items.add(item.apply(element)));
    return items;
  }

  private static void require(boolean fits) {
    if (!fits) {
      throw new IllegalArgumentException("another type");
    }
  }

  private static String describe(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "the list " + node;
      case OBJECT -> "a mapping";
      case STRING -> "the text '" + node.textValue() + "'";
      case NUMBER -> "the number " + node;
      case BOOLEAN -> "the boolean " + node;
      default -> "nothing";
    };
  }

  private static Kind kind(PipelineStage stage, Param<?> param) {
    if (param instanceof DoubleParam) {
      return Kind.DOUBLE;
    } else if (param instanceof FloatParam) {
      return Kind.FLOAT;
    } else if (param instanceof IntParam) {
      return Kind.INT;
    } else if (param instanceof LongParam) {
      return Kind.LONG;
    } else if (param instanceof BooleanParam) {
      return Kind.BOOLEAN;
    } else if (param instanceof StringArrayParam) {
      return Kind.TEXTS;
    } else if (param instanceof DoubleArrayParam) {
      return Kind.DOUBLES;
    } else if (param instanceof IntArrayParam) {
      return Kind.INTS;
    } else if (param instanceof DoubleArrayArrayParam) {
      return Kind.TABLE;
    }
    Class<?> value = param.getClass() == Param.class ? valueType(stage, param) : Object.class;
    if (value == String.class) {
      return Kind.TEXT;
    } else if (value == Vector.class) {
      return Kind.VECTOR;
    } else if (value == Matrix.class) {
      return Kind.MATRIX;
    }
    return PipelineStage.class.isAssignableFrom(value) ? Kind.STAGE : Kind.OTHER;
  }

  /** The T of a {@code Param<T>}, which only the signature of the method that gives it tells. */
  private static Class<?> valueType(PipelineStage stage, Param<?> param) {
    try {
      Type type = stage.getClass().getMethod(param.name()).getGenericReturnType();
      if (type instanceof ParameterizedType of) {
        Type value = of.getActualTypeArguments()[0];
        if (value instanceof ParameterizedType nested) {
          value = nested.getRawType();
        }
        return value instanceof Class<?> found ? found : Object.class;
      }
      return Object.class;
    } catch (NoSuchMethodException e) {
      return Object.class;
    }
  }
}
