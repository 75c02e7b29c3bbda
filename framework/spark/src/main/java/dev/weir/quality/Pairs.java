package dev.weir.quality;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How two columns of numbers go together, by the one-pass formulas of Bennett and others
 * (Numerically Stable, Single-Pass, Parallel Statistics Algorithms, 2009).
 */
final class Pairs implements Serializable {
  private static final long serialVersionUID = 1L;

  private long count;
  private double meanX;
  private double meanY;
  private double squaresX;
  private double squaresY;
  private double products;

  void add(double x, double y) {
    count++;
    double distanceX = x - meanX;
    double distanceY = y - meanY;
    meanX += distanceX / count;
    meanY += distanceY / count;
    squaresX += distanceX * (x - meanX);
    squaresY += distanceY * (y - meanY);
    products += distanceX * (y - meanY);
  }

  void merge(Pairs other) {
    if (other.count == 0) {
      return;
    }
    long together = count + other.count;
    double distanceX = other.meanX - meanX;
    double distanceY = other.meanY - meanY;
    double share = (double) other.count / together;
    squaresX += other.squaresX + distanceX * distanceX * count * share;
    squaresY += other.squaresY + distanceY * distanceY * count * share;
    products += other.products + distanceX * distanceY * count * share;
    meanX += distanceX * share;
    meanY += distanceY * share;
    count = together;
  }

  /** Pearson's correlation; null where one of the columns does not vary, which has none. */
  @Nullable Double correlation() {
    if (count == 0 || squaresX == 0 || squaresY == 0) {
      return null;
    }
    return products / Math.sqrt(squaresX * squaresY);
  }
}
