package dev.weir.config;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What reflection says of the types that YAML is bound to. */
final class Types {
  private static final Map<Class<?>, Class<?>> BOXES =
      Map.of(
          int.class, Integer.class,
          long.class, Long.class,
          double.class, Double.class,
          boolean.class, Boolean.class);

  private Types() {}

  /** The class of a type without its arguments, boxed if it is primitive. */
  static Class<?> raw(Type type) {
    if (type instanceof Class<?> c) {
      return BOXES.getOrDefault(c, c);
    }
    if (type instanceof ParameterizedType parameterized) {
      return (Class<?>) parameterized.getRawType();
    }
    if (type instanceof WildcardType wildcard) {
      return raw(wildcard.getUpperBounds()[0]);
    }
    throw unbindable(type);
  }

  /** The argument of a generic type, such as the X of {@code List<X>}. */
  static Type argument(Type type, int index) {
    if (type instanceof WildcardType wildcard) {
      return argument(wildcard.getUpperBounds()[0], index);
    }
    if (type instanceof ParameterizedType parameterized) {
      return parameterized.getActualTypeArguments()[index];
    }
    throw unbindable(type);
  }

  /** The type's {@code public static T parse(String)}, or null. */
  static @Nullable Method parse(Class<?> type) {
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals("parse")
          && Modifier.isStatic(method.getModifiers())
          && Modifier.isPublic(method.getModifiers())
          && method.getParameterCount() == 1
          && method.getParameterTypes()[0].isAssignableFrom(String.class)
          && type.isAssignableFrom(method.getReturnType())) {
        if (!Modifier.isPublic(type.getModifiers())) {
          method.setAccessible(true);
        }
        return method;
      }
    }
    return null;
  }

  /** True for an interface whose records are variants of one thing. */
  static boolean variant(Class<?> type) {
    return type.isSealed() && type.isInterface();
  }

  /** The records of a sealed interface by the key that tells each, that of its first component. */
  static Map<String, Class<?>> variants(Class<?> type) {
    Map<String, Class<?>> variants = new LinkedHashMap<>();
    for (Class<?> record : records(type)) {
      RecordComponent[] components = record.getRecordComponents();
      if (components.length == 0) {
        throw new IllegalStateException(
            "%s has no component, so that no key tells it from other variants of %s"
                .formatted(record.getName(), type.getName()));
      }
      // Of one that begins with an inline record it is that record's.
      String key = Keys.components(record).keySet().iterator().next();
      Class<?> other = variants.put(key, record);
      if (other != null) {
        throw new IllegalStateException(
            "%s and %s begin with the same component, so that no key tells them apart"
                .formatted(other.getName(), record.getName()));
      }
    }
    return variants;
  }

  private static List<Class<?>> records(Class<?> type) {
    List<Class<?>> records = new ArrayList<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      if (permitted.isRecord()) {
        records.add(permitted);
      } else if (variant(permitted)) {
        records.addAll(records(permitted));
      } else {
        throw unbindable(permitted);
      }
    }
    return records;
  }

  static IllegalStateException unbindable(Type type) {
    return new IllegalStateException(
        type.getTypeName()
            + " can't be read from YAML: make it a record, give it a public static parse(String), or"
            + " register a codec");
  }
}
