package dev.weir.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.weir.error.WeirException;
import dev.weir.lineage.Aliases;
import dev.weir.lineage.LineageReader;
import dev.weir.registry.ModelQuery;
import dev.weir.registry.ModelReference;
import dev.weir.registry.ModelState;
import dev.weir.registry.RegisteredModel;
import dev.weir.registry.RegistryView;
import dev.weir.registry.Review;
import dev.weir.registry.TrainingData;
import java.io.PrintStream;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Lists models and shows one; without Spark. */
final class ModelsAction {
  private static final int STATE = ModelState.REGISTERED.name().length();

  private static final List<String> ENVIRONMENT =
      List.of("spark", "delta", "java", "weir", "os", "cores", "master", "git_commit", "git_dirty");

  private final URI location;
  private final PrintStream out;
  private final PrintStream err;
  private final Ansi ansi = Ansi.of(System.getenv());

  ModelsAction(URI location, PrintStream out, PrintStream err) {
    this.location = location;
    this.out = out;
    this.err = err;
  }

  /**
   * @param asked a model, one of its versions, or null for all
   * @param where conditions, or null
   * @param at the time to look at, or null for now
   */
  int list(@Nullable String asked, @Nullable String where, @Nullable String at, boolean json) {
    ModelReference reference = asked == null ? null : ModelReference.parse(asked);
    ModelQuery query = where == null ? null : ModelQuery.parse(where);
    Instant moment = at == null ? null : moment(at);
    try (HomeReader home = HomeReader.open(location)) {
      LineageReader lineage = home.lineage();
      RegistryView view =
          moment == null ? RegistryView.of(lineage) : RegistryView.at(lineage, moment);
      if (reference != null && (reference.number() != null || reference.alias() != null)) {
        RegisteredModel model = view.find(reference);
        if (json) {
          printJson(whole(view, model));
        } else {
          print(view, model);
        }
        return ExitCode.DONE;
      }
      List<RegisteredModel> models =
          reference == null ? view.models() : view.models(reference.name());
      if (models.isEmpty() && reference != null) {
        throw view.unknown(reference.name());
      }
      Map<RegisteredModel, SortedMap<String, Double>> metrics = new LinkedHashMap<>();
      boolean measured = json || (query != null && query.asksForMetrics());
      for (RegisteredModel model : models) {
        metrics.put(model, measured ? view.metrics(model) : new TreeMap<>());
      }
      if (query != null) {
        choose(query, metrics);
      }
      if (json) {
        metrics.forEach((model, found) -> printJson(brief(model, found)));
      } else if (metrics.isEmpty()) {
        err.println(
            models.isEmpty() ? "No model is registered yet." : "No model meets the conditions.");
      } else {
        print(List.copyOf(metrics.keySet()));
      }
      return ExitCode.DONE;
    }
  }

  private static void choose(
      ModelQuery query, Map<RegisteredModel, SortedMap<String, Double>> metrics) {
    if (metrics.isEmpty()) {
      return;
    }
    TreeSet<String> names = new TreeSet<>();
    metrics.values().forEach(found -> names.addAll(found.keySet()));
    query.require(names);
    metrics.entrySet().removeIf(entry -> !query.matches(entry.getKey(), entry.getValue()));
  }

  private static Instant moment(String text) {
    return ModelQuery.moment(text)
        .orElseThrow(
            () ->
                WeirException.user(
                    "invalid-time",
                    "--at is '%s', which is no time.".formatted(text),
                    "Write it as 2026-01-31T12:00:00Z, or as a day, which begins at 00:00 UTC."));
  }

  // --- For people

  private void print(List<RegisteredModel> models) {
    int model = width("model", models.stream().map(ModelsAction::name).toList());
    int aliases = width("aliases", models.stream().map(m -> aliases(m)).toList());
    int by = width("by", models.stream().map(m -> or(m.registeredBy())).toList());
    out.println(
        ansi.dim(
            "%s  %s  %s  %s  %s  %s"
                .formatted(
                    Text.pad("model", model),
                    Text.pad("state", STATE),
                    Text.pad("aliases", aliases),
                    Text.pad("registered (UTC)", 19),
                    Text.pad("by", by),
                    "type")));
    for (RegisteredModel each : models) {
      out.println(
          "%s  %s  %s  %s  %s  %s"
              .formatted(
                  Text.pad(name(each), model),
                  painted(each.state(), STATE),
                  Text.pad(aliases(each), aliases),
                  Text.time(each.registeredAt()),
                  Text.pad(or(each.registeredBy()), by),
                  Text.simpleName(or(each.type()))));
    }
  }

  private static int width(String head, List<String> cells) {
    return cells.stream().mapToInt(String::length).reduce(head.length(), Math::max);
  }

  private static String name(RegisteredModel model) {
    return model.version().name() + "@" + model.version().number();
  }

  private static String aliases(RegisteredModel model) {
    return String.join(", ", model.aliases());
  }

  private static String or(@Nullable String text) {
    return Objects.requireNonNullElse(text, "?");
  }

  private String painted(ModelState state, int width) {
    String text = Text.pad(state.word(), width);
    return switch (state) {
      case APPROVED -> ansi.green(text);
      case REJECTED -> ansi.red(text);
      case RETIRED -> ansi.dim(text);
      case REGISTERED -> text;
    };
  }

  private void print(RegistryView view, RegisteredModel model) {
    out.println(
        "%s  %s%s"
            .formatted(
                ansi.bold(model.reference()),
                painted(model.state(), 0),
                model.aliases().isEmpty() ? "" : "  " + ansi.cyan(aliases(model))));
    if (model.approvedAsAnother()) {
      field("", "It was approved as it was, with other files or on another evaluation.");
    }
    field("type", or(model.type()));
    field(
        "registered",
        "%s UTC by %s in run %s"
            .formatted(Text.time(model.registeredAt()), or(model.registeredBy()), model.run()));
    field("trained", "by %s in run %s".formatted(or(model.trainedBy()), model.trainedIn()));
    String label = "trained on";
    for (TrainingData data : view.trainingData(model)) {
      field(label, "%s  %s".formatted(data.reference(), ansi.dim("read by " + data.stage())));
      label = "";
    }
    field("evaluation", Objects.requireNonNullElse(model.evaluation(), "none"));
    view.metrics(model)
        .forEach((name, value) -> field("", Text.pad(name, 24) + Text.metric(value)));
    field("files", model.digest());
    field("content", or(model.contentDigest()));
    field("signature", or(model.signature()));
    SortedMap<String, String> environment = view.environment(model);
    label = "made with";
    for (String name : ENVIRONMENT) {
      String value = environment.get(name);
      if (value != null) {
        field(label, Text.pad(name, 12) + value);
        label = "";
      }
    }
    label = "reviews";
    for (Review review : view.reviews(model.version())) {
      said(
          label,
          "%s UTC  %s by %s: %s"
              .formatted(
                  Text.time(review.at()),
                  review.decision().word(),
                  review.by().text(),
                  review.reason()),
          review.overrode());
      label = "";
    }
    label = "aliases";
    for (Aliases.Period period : view.aliases(model.version())) {
      Instant to = period.to();
      said(
          label,
          "%s UTC  %s%s by %s: %s"
              .formatted(
                  Text.time(period.from()),
                  period.alias(),
                  to == null ? "" : " until %s UTC".formatted(Text.time(to)),
                  period.by().text(),
                  period.reason()),
          period.overrode());
      label = "";
    }
  }

  private void said(String label, String text, @Nullable String overrode) {
    field(label, text);
    if (overrode != null) {
      field("", "    set aside: " + overrode);
    }
  }

  private void field(String label, String text) {
    out.println("  " + ansi.dim(Text.pad(label, 11)) + text);
  }

  // --- As JSON

  private static Map<String, @Nullable Object> brief(
      RegisteredModel model, SortedMap<String, Double> metrics) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("reference", model.reference());
    object.put("name", model.version().name().toString());
    object.put("number", model.version().number());
    object.put("state", model.state());
    object.put("aliases", model.aliases());
    object.put("type", model.type());
    object.put("candidate", model.candidate());
    object.put("digest", model.digest());
    object.put("content_digest", model.contentDigest());
    object.put("evaluation", model.evaluation());
    object.put("run", model.run());
    object.put("registered_at", model.registeredAt());
    object.put("registered_by", model.registeredBy());
    object.put("trained_in", model.trainedIn());
    object.put("trained_by", model.trainedBy());
    object.put("review", model.review());
    object.put("metrics", metrics);
    return object;
  }

  private static Map<String, @Nullable Object> whole(RegistryView view, RegisteredModel model) {
    Map<String, @Nullable Object> object = brief(model, view.metrics(model));
    object.put("signature", model.signature());
    object.put("training_data", view.trainingData(model));
    object.put("environment", view.environment(model));
    object.put("reviews", view.reviews(model.version()));
    object.put(
        "alias_periods", view.aliases(model.version()).stream().map(ModelsAction::period).toList());
    return object;
  }

  private static Map<String, @Nullable Object> period(Aliases.Period period) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("alias", period.alias());
    object.put("valid_from", period.from());
    object.put("valid_to", period.to());
    object.put("moved_by", period.by());
    object.put("reason", period.reason());
    object.put("overrode", period.overrode());
    return object;
  }

  private void printJson(Object object) {
    try {
      out.println(LineageActions.JSON.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Can't write " + object, e);
    }
  }
}
