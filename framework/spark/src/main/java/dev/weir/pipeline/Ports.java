package dev.weir.pipeline;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a stage, found in its record components: single ones, and lists, maps and records of
 * them. A port in a list is named {@code component[0]}, one in a map {@code component.key}, one in
 * a record {@code component.itsComponent}.
 */
public record Ports(
    List<Port<Input>> inputs,
    List<Port<Output>> outputs,
    List<Port<ModelInput>> modelInputs,
    List<Port<ModelOutput>> modelOutputs) {

  /** A port with the name of the component that holds it. */
  public record Port<T>(String name, T value) {}

  public Ports {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    modelInputs = List.copyOf(modelInputs);
    modelOutputs = List.copyOf(modelOutputs);
  }

  /** The ports of a stage; a stage that is not a record has none that can be known. */
  public static Ports of(Stage stage) {
    if (!(stage instanceof Record record)) {
      throw new IllegalArgumentException(
          "%s is not a record: a stage is a record, so that its components are its configuration"
              .formatted(stage.getClass().getName()));
    }
    return of(values(record));
  }

  /** The values of a record's components that are not null. */
  private static Map<String, Object> values(Record record) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(component, record);
      if (value != null) {
        values.put(component.getName(), value);
      }
    }
    return values;
  }

  /** The ports among the values of a stage's components, by the components' names. */
  static Ports of(Map<String, Object> components) {
    Collector found =
        new Collector(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    components.forEach(found::add);
    return new Ports(found.inputs, found.outputs, found.modelInputs, found.modelOutputs);
  }

  private static @Nullable Object value(RecordComponent component, Record record) {
    try {
      var accessor = component.getAccessor();
      // A stage may be a nested or local record that is not public.
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(
          "Can't read component %s of %s"
              .formatted(component.getName(), record.getClass().getName()),
          e);
    }
  }

  private record Collector(
      List<Port<Input>> inputs,
      List<Port<Output>> outputs,
      List<Port<ModelInput>> modelInputs,
      List<Port<ModelOutput>> modelOutputs) {
    private void add(String name, Object value) {
      if (value instanceof Input port) {
        inputs.add(new Port<>(name, port));
      } else if (value instanceof Output port) {
        outputs.add(new Port<>(name, port));
      } else if (value instanceof ModelInput port) {
        modelInputs.add(new Port<>(name, port));
      } else if (value instanceof ModelOutput port) {
        modelOutputs.add(new Port<>(name, port));
      } else if (value instanceof Collection<?> collection) {
        int i = 0;
        for (Object item : collection) {
          add(name + "[" + i++ + "]", item);
        }
      } else if (value instanceof Map<?, ?> map) {
        map.forEach((key, item) -> add(name + "." + key, item));
      } else if (value instanceof Record record) {
        values(record).forEach((component, item) -> add(name + "." + component, item));
      }
    }
  }
}
