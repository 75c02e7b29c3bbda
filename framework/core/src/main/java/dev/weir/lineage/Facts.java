package dev.weir.lineage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.weir.error.ErrorKind;
import dev.weir.error.WeirException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Facts as JSON: the kind beside it, the record's components by name in the body. */
public final class Facts {
  private static final Map<String, Class<? extends Fact>> KINDS = kinds();
  private static final Map<Class<?>, String> NAMES = new HashMap<>();

  static {
    KINDS.forEach((name, kind) -> NAMES.put(kind, name));
  }

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private Facts() {}

  private static Map<String, Class<? extends Fact>> kinds() {
    Map<String, Class<? extends Fact>> kinds = new LinkedHashMap<>();
    addKinds(Fact.class, kinds);
    return kinds;
  }

  private static void addKinds(Class<?> sealed, Map<String, Class<? extends Fact>> kinds) {
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      if (permitted.isInterface()) {
        addKinds(permitted, kinds);
        continue;
      }
      Class<? extends Fact> fact = permitted.asSubclass(Fact.class);
      kinds.put(
          fact.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT), fact);
    }
  }

  /** The name of a kind of facts. */
  public static String kind(Class<? extends Fact> fact) {
    return Objects.requireNonNull(NAMES.get(fact));
  }

  /** The name of a fact's kind, such as {@code stage-finished}. */
  public static String kind(Fact fact) {
    return kind(fact.getClass());
  }

  /** The fact's components as a JSON object; those that are null are left out. */
  public static String body(Fact fact) {
    try {
      return JSON.writeValueAsString(fact);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("A fact can't be written as JSON: " + fact, e);
    }
  }

  /**
   * Reads a fact; empty for a kind that this Weir does not know.
   *
   * @throws WeirException {@code fact-damaged} if the body is not what the kind asks for
   */
  public static Optional<Fact> read(String kind, String body) {
    Class<? extends Fact> fact = KINDS.get(kind);
    if (fact == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Objects.requireNonNull(JSON.readValue(body, fact)));
    } catch (JsonProcessingException | NullPointerException e) {
      throw new WeirException(
          "fact-damaged",
          ErrorKind.DATA,
          "The event table holds a %s that can't be read: %s".formatted(kind, e.getMessage()),
          "Only Weir writes that table; restore it from a backup.",
          e);
    }
  }

  /** Reads what the column {@code made_from} of {@code lineage.stages} holds. */
  public static Fact.Fingerprint fingerprint(String json) throws JsonProcessingException {
    return Objects.requireNonNull(JSON.readValue(json, Fact.Fingerprint.class));
  }

  static ObjectMapper json() {
    return JSON;
  }
}
