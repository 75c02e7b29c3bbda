package dev.weir.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A drawing within a page of HTML, coloured by the page's classes. */
final class Svg {
  private final StringBuilder text = new StringBuilder();

  /**
   * @param label what it shows, for whoever can't see it
   */
  Svg(double width, double height, String kind, String label) {
    add(
        "<svg class=\"%s\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">",
        kind, width, height, escape(label));
  }

  void rectangle(
      double x, double y, double width, double height, String kind, @Nullable String title) {
    add(
        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">%s</rect>",
        kind, x, y, Math.max(0, width), Math.max(0, height), title(title));
  }

  void circle(double x, double y, double radius, String kind, @Nullable String title) {
    add(
        "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">%s</circle>",
        kind, x, y, radius, title(title));
  }

  /**
   * @param along the path's commands
   */
  void path(String along, String kind) {
    add("<path class=\"%s\" d=\"%s\"/>", kind, along);
  }

  /**
   * @param anchor start, middle or end
   */
  void text(double x, double y, String anchor, String kind, String content) {
    add(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        kind, x, y, anchor, escape(content));
  }

  /** The drawing as HTML. */
  String html() {
    return text + "</svg>";
  }

  private static String title(@Nullable String title) {
    return title == null ? "" : "<title>" + escape(title) + "</title>";
  }

  private void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }

  /** Text as HTML takes it in an element or an attribute. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                  boolean shown = c == '\n' || c == '\t' || !Character.isISOControl(c);
                  // HTML has no control characters and no halves of pairs.
                  escaped.appendCodePoint(
                      shown && Character.getType(c) != Character.SURROGATE ? c : 0xFFFD);
                }
              }
            });
    return escaped.toString();
  }
}
