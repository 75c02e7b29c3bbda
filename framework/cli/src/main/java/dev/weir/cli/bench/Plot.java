package dev.weir.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Lines over two logarithmic axes, drawn as SVG that is legible on light and dark pages. */
final class Plot {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int LEFT = 70;
  private static final int RIGHT = 600;
  private static final int TOP = 40;
  private static final int BOTTOM = 360;

  /** Okabe and Ito's colours, which people of any colour vision tell apart. */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7");

  private final String title;
  private final String across;
  private final String up;
  private final List<Line> lines = new ArrayList<>();

  private record Line(String name, List<Point> points) {}

  /** Where a line goes through, in the plot's own values, which are above 0. */
  record Point(double x, double y) {}

  /**
   * @param across what the axis from left to right says
   * @param up what the other one says
   */
  Plot(String title, String across, String up) {
    this.title = title;
    this.across = across;
    this.up = up;
  }

  /** Adds a line. */
  void line(String name, List<Point> points) {
    lines.add(new Line(name, List.copyOf(points)));
  }

  void write(Path file) throws IOException {
    Files.writeString(file, svg());
  }

  String svg() {
    List<Point> all = lines.stream().flatMap(line -> line.points().stream()).toList();
    Axis x = Axis.over(all.stream().mapToDouble(Point::x).toArray(), LEFT, RIGHT);
    Axis y = Axis.over(all.stream().mapToDouble(Point::y).toArray(), BOTTOM, TOP);
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
        WIDTH,
        HEIGHT);
    add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT);
    text(svg, LEFT, 22, "start", title);
    for (int power = x.low(); power <= x.high(); power++) {
      double at = x.at(Math.pow(10, power));
      add(svg, "<path d=\"M%.1f %d V%d\" stroke=\"#dddddd\"/>", at, TOP, BOTTOM);
      text(svg, at, BOTTOM + 18, "middle", number(power));
    }
    for (int power = y.low(); power <= y.high(); power++) {
      double at = y.at(Math.pow(10, power));
      add(svg, "<path d=\"M%d %.1f H%d\" stroke=\"#dddddd\"/>", LEFT, at, RIGHT);
      text(svg, LEFT - 8, at + 4, "end", number(power));
    }
    text(svg, (LEFT + RIGHT) / 2.0, BOTTOM + 40, "middle", across);
    text(svg, LEFT - 8, TOP - 8, "end", up);
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      String colour = COLOURS.get(i % COLOURS.size());
      String points =
          line.points().stream()
              .map(
                  point ->
                      String.format(Locale.ROOT, "%.1f,%.1f", x.at(point.x()), y.at(point.y())))
              .collect(Collectors.joining(" "));
      add(
          svg,
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
          points,
          colour);
      double legend = TOP + 14 + 22.0 * i;
      add(
          svg,
          "<path d=\"M%d %.1f h22\" stroke=\"%s\" stroke-width=\"2\"/>",
          RIGHT + 16,
          legend - 4,
          colour);
      text(svg, RIGHT + 44, legend, "start", line.name());
    }
    return svg.append("</svg>\n").toString();
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    add(
        svg,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"#333333\">%s</text>",
        x,
        y,
        anchor,
        text.replace("&", "&amp;").replace("<", "&lt;"));
  }

  private static String number(int power) {
    return power < 0
        ? String.format(Locale.ROOT, "%." + -power + "f", Math.pow(10, power))
        : String.format(Locale.ROOT, "%,.0f", Math.pow(10, power));
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /**
   * A logarithmic axis from one power of ten to another.
   *
   * @param from where the lower end is
   */
  private record Axis(int low, int high, double from, double to) {
    static Axis over(double[] values, double from, double to) {
      double least = Double.MAX_VALUE;
      double most = Double.MIN_VALUE;
      for (double value : values) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      int low = (int) Math.floor(Math.log10(least));
      return new Axis(low, Math.max(low + 1, (int) Math.ceil(Math.log10(most))), from, to);
    }

    double at(double value) {
      return from + (to - from) * (Math.log10(value) - low) / (high - low);
    }
  }
}
