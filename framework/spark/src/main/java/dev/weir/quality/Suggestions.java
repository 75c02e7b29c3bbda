package dev.weir.quality;

import dev.weir.profile.ColumnProfile;
import dev.weir.profile.DatasetProfile;
import dev.weir.profile.Frequencies;
import dev.weir.profile.Moments;
import dev.weir.profile.Quantiles;
import dev.weir.profile.ValueKind;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the checks that a dataset suggests, from its profile alone.
 *
 * <p>After the constraint suggestion of Deequ (Schelter et al., Automating Large-Scale Data Quality
 * Verification, 2018) and the inference of a schema in TFX Data Validation (Breck et al., Data
 * Validation for Machine Learning, 2019). What the profile knows of every value, and what will
 * hardly change, is suggested in earnest; what it knows of a sample or a sketch only, and what one
 * version can't tell, as a warning. All in earnest holds of the data that it was learned from.
 */
public final class Suggestions {
  /** Fewer rows say little of those to come. */
  private static final long FEW_ROWS = 100;

  /** Of more nulls than this part, nothing is expected to be there. */
  private static final double MOSTLY_NULL = 0.5;

  /** A category is there so often on average, at least. */
  private static final long OFTEN = 10;

  /** Categories of which none is rarer are likely to be all that there are. */
  private static final long SELDOM = 5;

  private static final int MOST_NUMBERS = 10;

  /** The sketch of different values is off by more in one of twenty cases. */
  private static final double DISTINCT_ERROR = 0.035;

  private static final long FEW_VALUES = 20;

  private final DatasetProfile profile;
  private final List<Suggestion> found = new ArrayList<>();

  private Suggestions(DatasetProfile profile) {
    this.profile = profile;
  }

  /** The checks that a profile suggests: of the whole first, then column by column. */
  public static List<Suggestion> of(DatasetProfile profile) {
    Suggestions suggestions = new Suggestions(profile);
    suggestions.ofWhole();
    profile.columns().forEach(suggestions::ofColumn);
    return List.copyOf(suggestions.found);
  }

  private void add(Check check, String evidence) {
    found.add(new Suggestion(check, evidence, null));
  }

  private void doubt(Check check, String evidence, String doubt) {
    found.add(new Suggestion(check, evidence, doubt));
  }

  private static Rows warning(double threshold) {
    return new Rows(threshold, Terms.USUAL.warning());
  }

  // --- The whole

  private void ofWhole() {
    long rows = profile.rows();
    add(Check.rowCount(1), "there are " + rows(rows));
    doubt(
        new Check.RowCount(
            new Limits(
                outward(rows / 2.0, 2, RoundingMode.FLOOR).longValue(),
                outward(rows * 2.0, 2, RoundingMode.CEILING).longValue()),
            Terms.USUAL.warning()),
        "half of %s to twice as many".formatted(rows(rows)),
        "one version does not tell how many there are in others");
    schema();
    List<String> complete =
        profile.columns().stream()
            .filter(column -> column.nulls() == 0)
            .map(ColumnProfile::name)
            .toList();
    if (!complete.isEmpty() && rows > 0) {
      Columns columns = new Columns(complete);
      if (rows < FEW_ROWS) {
        doubt(new Check.NotNull(columns, warning(0)), "never null", "there are only " + rows(rows));
      } else {
        add(new Check.NotNull(columns, Rows.ALL), "never null in " + rows(rows));
      }
    }
  }

  private void schema() {
    Map<String, String> types = new LinkedHashMap<>();
    for (ColumnProfile column : profile.columns()) {
      // A field of any other name can't be read from its type.
      if (column.kind() != ValueKind.OTHER || column.type().matches("[a-z0-9_<>,:()]+")) {
        types.put(column.name(), column.type());
      }
    }
    if (!types.isEmpty()) {
      boolean all = types.size() == profile.columns().size();
      add(
          new Check.Schema(types, all ? Set.of() : Set.of(SchemaChange.ADDED), Terms.USUAL),
          "the columns as they are");
    }
  }

  // --- A column

  private void ofColumn(ColumnProfile column) {
    nulls(column);
    if (column.values() == 0) {
      return;
    }
    boolean key = unique(column);
    if (categories(column)) {
      return;
    }
    if (column.kind().isNumber()) {
      numbers(column, key);
    } else if (column.kind() == ValueKind.TEXT) {
      texts(column);
    }
  }

  private void nulls(ColumnProfile column) {
    double fraction = column.nullFraction();
    if (fraction == 0 || fraction > MOSTLY_NULL) {
      return;
    }
    double threshold = withRoom(fraction, profile.rows());
    String evidence = "%s null of %s".formatted(Texts.count(column.nulls()), rows(profile.rows()));
    Columns name = Columns.of(column.name());
    if (profile.rows() < FEW_ROWS) {
      doubt(new Check.NotNull(name, warning(threshold)), evidence, "there are only few rows");
    } else {
      add(new Check.NotNull(name, threshold), evidence);
    }
  }

  /** Half as much again, and more than chance would make it, as a number that is easily read. */
  private static double withRoom(double fraction, long rows) {
    double chance = 3 * Math.sqrt(fraction * (1 - fraction) / rows);
    double most = fraction + Math.max(fraction / 2, chance);
    return Math.min(1, outward(most, 2, RoundingMode.CEILING).doubleValue());
  }

  /** Whether each value seems to be there once only. */
  private boolean unique(ColumnProfile column) {
    boolean kind =
        column.kind() == ValueKind.INTEGER
            || column.kind() == ValueKind.TEXT
            || column.kind() == ValueKind.DATE
            || column.kind() == ValueKind.TIMESTAMP;
    if (!kind || column.values() < FEW_VALUES) {
      return false;
    }
    double distinct = column.distinctValues();
    Check.Unique warning = new Check.Unique(Columns.of(column.name()), 0, Terms.USUAL.warning());
    if (known(column)) {
      if (distinct < column.values()) {
        return false;
      }
      doubt(
          warning, "%s values, each once".formatted(Texts.count(column.values())), "these are few");
      return true;
    }
    if (distinct < column.values() * (1 - DISTINCT_ERROR)) {
      return false;
    }
    doubt(
        warning,
        "about %s different values in %s"
            .formatted(Texts.count(Math.round(distinct)), Texts.count(column.values())),
        "a sketch counted them, which may be off by 3 %");
    return true;
  }

  /** Whether every value is known with how often it is there. */
  private static boolean known(ColumnProfile column) {
    Frequencies frequent = column.frequent();
    return frequent != null
        && frequent.exact()
        && frequent.items().stream().noneMatch(item -> cut(item.value()));
  }

  private static boolean cut(String text) {
    return text.endsWith("…") && text.length() > ColumnProfile.TEXT / 2;
  }

  /** Whether the column has few different values, each of them often. */
  private boolean categories(ColumnProfile column) {
    Frequencies frequent = column.frequent();
    boolean kind = column.kind() == ValueKind.TEXT || column.kind() == ValueKind.INTEGER;
    if (!kind || frequent == null || !known(column)) {
      return false;
    }
    List<Frequencies.Item> items = frequent.items();
    boolean few = column.values() >= OFTEN * items.size();
    if (!few || (column.kind() == ValueKind.INTEGER && !codes(column, items))) {
      return false;
    }
    Frequencies.Item rarest = items.get(items.size() - 1);
    List<String> values =
        items.stream().map(Frequencies.Item::value).sorted(order(column.kind())).toList();
    String evidence =
        items.size() == 1
            ? "the same in all of %s".formatted(rows(column.values()))
            : "%d different values, the rarest %s times in %s"
                .formatted(items.size(), Texts.count(rarest.count()), rows(column.values()));
    String doubt =
        column.values() < FEW_ROWS
            ? "there are only few rows"
            : items.size() == 1
                ? "what is always the same may only be so here"
                : rarest.count() < SELDOM ? "where some are so rare there may be others" : null;
    if (doubt == null) {
      add(new Check.Allowed(column.name(), values, Rows.ALL), evidence);
    } else {
      doubt(new Check.Allowed(column.name(), values, warning(0)), evidence, doubt);
    }
    return true;
  }

  /** Whether whole numbers are codes, not counts: two of them, or such that leave some out. */
  private static boolean codes(ColumnProfile column, List<Frequencies.Item> items) {
    Moments moments = column.moments();
    return moments != null
        && items.size() <= MOST_NUMBERS
        && (items.size() <= 2 || moments.max() - moments.min() >= items.size());
  }

  private static Comparator<String> order(ValueKind kind) {
    return kind == ValueKind.INTEGER
        ? Comparator.comparingLong(Long::parseLong)
        : Comparator.naturalOrder();
  }

  // --- Numbers

  private void numbers(ColumnProfile column, boolean key) {
    Moments moments = column.moments();
    Quantiles quantiles = column.quantiles();
    if (moments == null
        || quantiles == null
        || !Double.isFinite(moments.min())
        || !Double.isFinite(moments.max())) {
      return;
    }
    // NaN lies within no bounds.
    double threshold =
        column.nans() == 0 ? 0 : withRoom((double) column.nans() / profile.rows(), profile.rows());
    String nans = column.nans() == 0 ? "" : "; %s are NaN".formatted(Texts.count(column.nans()));
    boolean positive = moments.min() >= 0;
    if (positive && column.values() >= FEW_ROWS) {
      add(
          new Check.Range(column.name(), Bound.of(0), null, false, threshold),
          "the least is %s%s".formatted(Texts.number(moments.min()), nans));
    }
    if (key) {
      return;
    }
    if (counts(column, moments)) {
      return;
    }
    range(column, moments, quantiles, threshold, nans);
    if (column.nans() == 0 && moments.deviation() > 0 && column.values() >= FEW_ROWS) {
      double room = moments.deviation() / 2;
      doubt(
          new Check.Statistic(
              Measure.MEAN,
              Columns.of(column.name()),
              null,
              outward(
                      positive ? Math.max(0, moments.mean() - room) : moments.mean() - room,
                      3,
                      RoundingMode.FLOOR)
                  .doubleValue(),
              outward(moments.mean() + room, 3, RoundingMode.CEILING).doubleValue(),
              Terms.USUAL.warning()),
          "the mean is %s with a standard deviation of %s"
              .formatted(Texts.number(moments.mean()), Texts.number(moments.deviation())),
          "one version does not tell how far it moves");
    }
  }

  /** Whether there are few different whole numbers, such as hours, each of them often. */
  private boolean counts(ColumnProfile column, Moments moments) {
    Frequencies frequent = column.frequent();
    if (column.kind() != ValueKind.INTEGER || frequent == null || !known(column)) {
      return false;
    }
    List<Frequencies.Item> items = frequent.items();
    long rarest = items.get(items.size() - 1).count();
    if (rarest < SELDOM || column.values() < OFTEN * items.size()) {
      return false;
    }
    doubt(
        new Check.Range(
            column.name(), Bound.of(moments.min()), Bound.of(moments.max()), false, warning(0)),
        "%d different values, the rarest %s times in %s"
            .formatted(items.size(), Texts.count(rarest), rows(column.values())),
        "others may lie further out");
    return true;
  }

  /** Three times the middle half beyond it (Tukey 1977), and a tenth beyond all that there is. */
  private void range(
      ColumnProfile column, Moments moments, Quantiles quantiles, double threshold, String nans) {
    double[] quarters = quantiles.quantiles(0.25, 0.75);
    double half = quarters[1] - quarters[0];
    double room = (moments.max() - moments.min()) / 10;
    double low = Math.min(quarters[0] - 3 * half, moments.min() - room);
    double high = Math.max(quarters[1] + 3 * half, moments.max() + room);
    if (moments.min() >= 0) {
      low = Math.max(0, low);
    }
    if (moments.max() <= 0) {
      high = Math.min(0, high);
    }
    boolean share = column.kind() == ValueKind.REAL && moments.min() >= 0 && moments.max() <= 1;
    doubt(
        new Check.Range(
            column.name(),
            bound(low, RoundingMode.FLOOR, column.kind()),
            share ? Bound.of(1) : bound(high, RoundingMode.CEILING, column.kind()),
            false,
            warning(threshold)),
        "%s to %s, half of them %s to %s%s"
            .formatted(
                Texts.number(moments.min()),
                Texts.number(moments.max()),
                Texts.number(quarters[0]),
                Texts.number(quarters[1]),
                nans),
        "others may lie further out");
  }

  private static Bound bound(double value, RoundingMode mode, ValueKind kind) {
    BigDecimal rounded = outward(value, 2, mode);
    return Bound.of(kind == ValueKind.INTEGER ? rounded.setScale(0, mode) : rounded);
  }

  private static BigDecimal outward(double value, int digits, RoundingMode mode) {
    return BigDecimal.valueOf(value).round(new MathContext(digits, mode));
  }

  // --- Texts

  private void texts(ColumnProfile column) {
    Moments lengths = column.lengths();
    if (lengths == null) {
      return;
    }
    boolean written = TextForm.of(column).map(form -> written(column, form)).orElse(false);
    boolean many = column.values() >= FEW_ROWS;
    if (lengths.min() == lengths.max() && lengths.min() > 0) {
      if (!written) {
        int length = (int) lengths.min();
        length(column, length, length, "all are of %d characters".formatted(length), many);
      }
      return;
    }
    if (lengths.min() >= 1 && !written) {
      length(column, 1, null, "none is empty", many);
    }
    int most = outward(lengths.max() * 1.5, 2, RoundingMode.CEILING).intValue();
    doubt(
        new Check.Length(column.name(), null, most, warning(0)),
        "%d to %d characters".formatted((long) lengths.min(), (long) lengths.max()),
        "others may be longer");
  }

  private void length(
      ColumnProfile column, int min, @Nullable Integer max, String evidence, boolean many) {
    if (many) {
      add(new Check.Length(column.name(), min, max, Rows.ALL), evidence);
    } else {
      doubt(
          new Check.Length(column.name(), min, max, warning(0)),
          evidence,
          "there are only few values");
    }
  }

  private boolean written(ColumnProfile column, TextForm form) {
    String doubt = form.doubt();
    if (doubt == null && column.values() < FEW_ROWS) {
      doubt = "there are only few values";
    }
    Rows rows = doubt == null ? Rows.ALL : warning(0);
    Format format = form.format();
    Check check =
        format != null
            ? new Check.Conforms(column.name(), format, rows)
            : new Check.Matches(column.name(), form.pattern(), rows);
    found.add(new Suggestion(check, form.evidence(), doubt));
    return true;
  }

  private static String rows(long rows) {
    return Texts.count(rows) + (rows == 1 ? " row" : " rows");
  }
}
