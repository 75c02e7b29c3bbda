package dev.weir.registry;

import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Conditions on models, all of which one meets: {@code auc-roc > 0.75 and state = approved}.
 *
 * <p>What is compared is a field of a model or a metric of its evaluation. A model without the
 * metric does not meet the condition.
 */
public final class ModelQuery {
  /** The fields, by the names that the columns of the lineage have. */
  private static final List<String> FIELDS =
      List.of("name", "number", "state", "alias", "type", "run", "registered_by", "registered_at");

  private static final List<String> STATES =
      List.of(ModelState.values()).stream().map(ModelState::word).toList();

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(?<operator><=|>=|!=|<>|==|=|<|>)|'(?<single>[^']*)'|\"(?<double>[^\"]*)\"|(?<word>[^\\s'\"<>=!]+))");

  private final String text;
  private final List<Condition> conditions;

  private ModelQuery(String text, List<Condition> conditions) {
    this.text = text;
    this.conditions = List.copyOf(conditions);
  }

  private record Condition(String field, String operator, String value) {
    boolean metric() {
      return !FIELDS.contains(field);
    }

    boolean allows(int order) {
      return switch (operator) {
        case "=" -> order == 0;
        case "!=" -> order != 0;
        case "<" -> order < 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        default -> order >= 0;
      };
    }
  }

  private record Token(String text, boolean operator, boolean quoted) {}

  /**
   * Reads conditions.
   *
   * @throws WeirException {@code invalid-condition} with what is wrong where
   */
  public static ModelQuery parse(String text) {
    List<Token> tokens = tokens(text);
    List<Condition> conditions = new ArrayList<>();
    int at = 0;
    while (true) {
      Token field = at < tokens.size() ? tokens.get(at) : null;
      if (field == null || field.operator() || field.quoted()) {
        throw invalid(text, "a field or a metric is missing" + before(tokens, at));
      }
      Token operator = at + 1 < tokens.size() ? tokens.get(at + 1) : null;
      if (operator == null || !operator.operator()) {
        throw invalid(
            text, "one of =, !=, <, <=, > and >= is missing after '%s'".formatted(field.text()));
      }
      Token value = at + 2 < tokens.size() ? tokens.get(at + 2) : null;
      if (value == null || value.operator()) {
        throw invalid(text, "a value is missing after '%s'".formatted(operator.text()));
      }
      conditions.add(checked(text, field.text(), symbol(operator.text()), value.text()));
      at += 3;
      if (at == tokens.size()) {
        return new ModelQuery(text, conditions);
      }
      if (!tokens.get(at).text().equalsIgnoreCase("and") || tokens.get(at).quoted()) {
        throw invalid(text, "'%s' stands where only 'and' can".formatted(tokens.get(at).text()));
      }
      at++;
    }
  }

  private static String before(List<Token> tokens, int at) {
    return at < tokens.size() ? " before '%s'".formatted(tokens.get(at).text()) : " at the end";
  }

  private static String symbol(String operator) {
    return switch (operator) {
      case "==" -> "=";
      case "<>" -> "!=";
      default -> operator;
    };
  }

  private static List<Token> tokens(String text) {
    List<Token> tokens = new ArrayList<>();
    String rest = text.strip();
    Matcher matcher = TOKEN.matcher(rest);
    int at = 0;
    while (at < rest.length()) {
      if (!matcher.find(at) || matcher.start() != at) {
        throw invalid(text, "'%s' can't be read".formatted(rest.substring(at).strip()));
      }
      String operator = matcher.group("operator");
      String word = matcher.group("word");
      if (operator != null) {
        tokens.add(new Token(operator, true, false));
      } else if (word != null) {
        tokens.add(new Token(word, false, false));
      } else {
        String single = matcher.group("single");
        tokens.add(
            new Token(
                single != null ? single : String.valueOf(matcher.group("double")), false, true));
      }
      at = matcher.end();
    }
    return tokens;
  }

  private static Condition checked(String text, String field, String operator, String value) {
    Condition condition = new Condition(field, operator, value);
    switch (field) {
      case "number" -> {
        if (number(value).isEmpty()) {
          throw invalid(text, "number is compared to a number, and '%s' is none".formatted(value));
        }
      }
      case "registered_at" -> {
        if (moment(value).isEmpty()) {
          throw invalid(
              text,
              "registered_at is compared to a time such as 2026-01-31 or 2026-01-31T17:45:00Z, and '%s' is none"
                  .formatted(value));
        }
      }
      case "state" -> {
        if (!STATES.contains(value.toLowerCase(Locale.ROOT))) {
          throw invalid(
              text,
              "there is no state '%s'%s; there are %s"
                  .formatted(value, hint(value, STATES), String.join(", ", STATES)));
        }
      }
      default -> {}
    }
    if (FIELDS.contains(field)
        && !field.equals("number")
        && !field.equals("registered_at")
        && !operator.equals("=")
        && !operator.equals("!=")) {
      throw invalid(text, "%s is compared by = or !=, not by %s".formatted(field, operator));
    }
    return condition;
  }

  private static String hint(String name, Collection<String> names) {
    return Nearest.of(name, names).map(", nearest is '%s'"::formatted).orElse("");
  }

  private static WeirException invalid(String text, String found) {
    return WeirException.user(
        "invalid-condition",
        "In '%s' %s.".formatted(text, found),
        "Write conditions such as 'auc-roc > 0.75 and state = approved'.");
  }

  /** A moment as people write it: with time and zone, or a day, which begins at 00:00 UTC. */
  public static Optional<Instant> moment(String text) {
    String iso = text.strip().replaceFirst("^(\\d{4}-\\d{2}-\\d{2}) ", "$1T");
    try {
      if (iso.length() == 10) {
        return Optional.of(LocalDate.parse(iso).atStartOfDay(ZoneOffset.UTC).toInstant());
      }
      boolean zoned = iso.endsWith("Z") || iso.matches(".*[+-]\\d{2}:\\d{2}");
      return Optional.of(OffsetDateTime.parse(zoned ? iso : iso + "Z").toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Double> number(String text) {
    try {
      return Optional.of(Double.valueOf(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether a metric is asked for, so that models' metrics have to be looked up. */
  public boolean asksForMetrics() {
    return conditions.stream().anyMatch(Condition::metric);
  }

  /**
   * Checks that what is asked for is there.
   *
   * @param metrics the metrics that there are
   * @throws WeirException {@code unknown-field} with the nearest, or {@code invalid-condition}
   */
  public void require(Collection<String> metrics) {
    for (Condition condition : conditions) {
      if (!condition.metric()) {
        continue;
      }
      if (!metrics.contains(condition.field())) {
        List<String> all = new ArrayList<>(FIELDS);
        all.addAll(new TreeSet<>(metrics));
        throw WeirException.user(
            "unknown-field",
            "There is no field or metric '%s'%s"
                .formatted(condition.field(), Nearest.ending(condition.field(), all)),
            "There are %s.".formatted(String.join(", ", all)));
      }
      if (number(condition.value()).isEmpty()) {
        throw invalid(
            text,
            "the metric %s is compared to a number, and '%s' is none"
                .formatted(condition.field(), condition.value()));
      }
    }
  }

  /**
   * Whether a model meets all conditions.
   *
   * @param metrics those of its evaluation, by name
   */
  public boolean matches(RegisteredModel model, Map<String, Double> metrics) {
    return conditions.stream().allMatch(condition -> matches(condition, model, metrics));
  }

  private static boolean matches(
      Condition condition, RegisteredModel model, Map<String, Double> metrics) {
    String value = condition.value();
    return switch (condition.field()) {
      case "name" -> text(condition, model.version().name().toString());
      case "number" ->
          condition.allows(Double.compare(model.version().number(), number(value).orElseThrow()));
      case "state" -> text(condition, model.state().word());
      case "alias" -> condition.operator().equals("=") == model.aliases().contains(value);
      case "type" -> {
        String type = model.type();
        boolean same =
            type != null
                && (type.equals(value) || type.substring(type.lastIndexOf('.') + 1).equals(value));
        yield condition.operator().equals("=") == same;
      }
      case "run" -> text(condition, model.run());
      case "registered_by" -> text(condition, model.registeredBy());
      case "registered_at" ->
          condition.allows(model.registeredAt().compareTo(moment(value).orElseThrow()));
      default -> {
        Double found = metrics.get(condition.field());
        yield found != null
            && !found.isNaN()
            && condition.allows(Double.compare(found, number(value).orElseThrow()));
      }
    };
  }

  private static boolean text(Condition condition, @Nullable String found) {
    return condition.operator().equals("=") == condition.value().equalsIgnoreCase(found);
  }
}
