package dev.weir.pipeline;

import dev.weir.error.WeirException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The run's parameters, as one attempt at a stage sees them. Which of them it asks for is noted: a
 * later run with other values of these does the work again, and one with other values of the rest
 * does not.
 */
public final class RunParams {
  /** The seed of a pipeline that sets none. */
  public static final long DEFAULT_SEED = 42;

  private static final String SEED = "seed";

  private final Map<String, Object> values;
  private final SortedMap<String, String> asked = new TreeMap<>();

  /**
   * @param values a String, Long, Double or Boolean each
   */
  public RunParams(Map<String, Object> values) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The value of a parameter, or null if the pipeline has none of that name. */
  public synchronized @Nullable Object get(String name) {
    Object value = values.get(name);
    asked.put(name, String.valueOf(value));
    return value;
  }

  /**
   * The {@code seed} parameter, {@link #DEFAULT_SEED} where the pipeline has none.
   *
   * @throws WeirException {@code invalid-seed} if it is not a whole number
   */
  public synchronized long seed() {
    long seed = seed(values);
    asked.put(SEED, String.valueOf(seed));
    return seed;
  }

  private static long seed(Map<String, Object> values) {
    Object seed = values.get(SEED);
    if (seed == null) {
      return DEFAULT_SEED;
    }
    if (seed instanceof Number number && number.doubleValue() == number.longValue()) {
      return number.longValue();
    }
    throw WeirException.user(
        "invalid-seed",
        "The parameter seed is '%s', which is not a whole number.".formatted(seed),
        "Give it one, as in --param seed=7.");
  }

  /** The names that there are; to look at them is not to ask for a value. */
  public Collection<String> names() {
    return values.keySet();
  }

  /** What was asked for so far, by name, as text. */
  public synchronized Map<String, String> asked() {
    return Map.copyOf(asked);
  }

  /** Whether a stage that asked for these values would be given the same now. */
  public static boolean same(Map<String, String> asked, Map<String, Object> values) {
    return asked.entrySet().stream()
        .allMatch(entry -> entry.getValue().equals(text(values, entry.getKey())));
  }

  /** The value that a stage which asks for a parameter is given, as text. */
  public static String text(Map<String, Object> values, String name) {
    return name.equals(SEED) && values.get(SEED) == null
        ? String.valueOf(DEFAULT_SEED)
        : String.valueOf(values.get(name));
  }
}
