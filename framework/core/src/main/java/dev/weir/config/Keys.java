package dev.weir.config;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How names of Java are written in YAML: {@code maxRows} and {@code MAX_ROWS} as max-rows. */
public final class Keys {
  private Keys() {}

  /** The key of a record component. */
  public static String of(RecordComponent component) {
    Key key = component.getAnnotation(Key.class);
    return key == null ? kebab(component.getName()) : key.value();
  }

  /** How a constant of an enum is written. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A name in camel case as words with dashes: {@code maxRows} becomes {@code max-rows}. */
  public static String kebab(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean upper = Character.isUpperCase(c);
      // A run of capitals is one word, and its last letter begins the next: sampleURLPath.
      boolean begins =
          upper
              && i > 0
              && (!Character.isUpperCase(name.charAt(i - 1))
                  || (i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1))));
      if (begins) {
        text.append('-');
      }
      text.append(Character.toLowerCase(c));
    }
    return text.toString();
  }

  /** The components of a record by key, in their order, with those of its {@link Inline} ones. */
  static Map<String, RecordComponent> components(Class<?> type) {
    Map<String, RecordComponent> components = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (inline(component)) {
        components.putAll(components(component.getType()));
      } else {
        components.put(of(component), component);
      }
    }
    return components;
  }

  /** True if the keys of the component's record stand among those of the record that holds it. */
  static boolean inline(RecordComponent component) {
    return component.isAnnotationPresent(Inline.class);
  }

  /** The constants of an enum as they are written. */
  static List<String> constants(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(c -> of((Enum<?>) c)).toList();
  }

  /** True if the component may be left out without a default, and is null then. */
  static boolean nullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }
}
