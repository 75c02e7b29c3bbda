package dev.weir.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactSumTest {
  private static ExactSum of(double... values) {
    ExactSum sum = new ExactSum();
    for (double value : values) {
      sum.add(value);
    }
    return sum;
  }

  /** Doubles of any size but the greatest, which a sum of them could not hold. */
  private static List<Double> anySize(int count, Random random) {
    List<Double> values = new ArrayList<>();
    while (values.size() < count) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Math.abs(value) < 0x1p1000) {
        values.add(value);
      }
    }
    return values;
  }

  private static BigDecimal decimal(List<Double> values) {
    return values.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  @Test
  void sumsAndMeansAreTheNearestDoubles() {
    Random random = new Random(1);
    for (int round = 0; round < 300; round++) {
      int count = 1 + random.nextInt(20);
      List<Double> values = anySize(count, random);
      if (round % 3 == 0) {
        // The greatest cancel, and the rest decides.
        values.add(-Collections.max(values));
        values.add(-Collections.min(values));
      } else if (round % 3 == 1) {
        // Subnormal, and so are their means.
        values.replaceAll(value -> Math.copySign(random.nextInt(100) * Double.MIN_VALUE, value));
      }
      BigDecimal decimal = decimal(values);
      ExactSum sum = of(values.stream().mapToDouble(d -> d).toArray());
      assertThat(sum.sum()).isEqualTo(decimal.doubleValue() + 0.0);
      assertThat(sum.mean())
          .isEqualTo(
              decimal.divide(BigDecimal.valueOf(values.size()), new MathContext(1200)).doubleValue()
                  + 0.0);
    }
  }

  @Test
  void orderAndPartsDoNotMatter() throws Exception {
    Random random = new Random(2);
    List<Double> values = anySize(10_000, random);
    double expected = decimal(values).doubleValue();
    for (int parts : new int[] {1, 2, 3, 7}) {
      Collections.shuffle(values, random);
      List<ExactSum> sums = new ArrayList<>();
      for (int i = 0; i < parts; i++) {
        sums.add(new ExactSum());
      }
      for (double value : values) {
        sums.get(random.nextInt(parts)).add(value);
      }
      ExactSum whole = new ExactSum();
      for (ExactSum part : sums) {
        whole.add(sent(part));
      }
      assertThat(whole.sum()).isEqualTo(expected);
      assertThat(whole.count()).isEqualTo(10_000);
    }
  }

  private static ExactSum sent(ExactSum sum) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(sum);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (ExactSum) in.readObject();
    }
  }

  @Test
  void whatAnOrdinarySumLosesIsKept() {
    assertThat(of(1e16, 1, -1e16).sum()).isEqualTo(1);
    assertThat(of(0x1p53, 1, 0x1p-60).sum()).isEqualTo(0x1p53 + 2);
    assertThat(of(0x1p53, 1).sum()).isEqualTo(0x1p53);
    assertThat(of(-0x1p53, -3).sum()).isEqualTo(-0x1p53 - 4);
    assertThat(of(0.1, 0.1, 0.1).mean()).isEqualTo(0.1);
    assertThat((0.1 + 0.1 + 0.1) / 3).isNotEqualTo(0.1);
    assertThat(of(Double.MIN_VALUE, Double.MIN_VALUE).mean()).isEqualTo(Double.MIN_VALUE);
    assertThat(of(Double.MIN_VALUE, 0).mean()).isZero();
    assertThat(of(Double.MIN_VALUE, Double.MIN_VALUE, 0).mean()).isEqualTo(Double.MIN_VALUE);
  }

  @Test
  void manyOfOneSignCarry() {
    ExactSum sum = new ExactSum();
    ExactSum great = new ExactSum();
    for (int i = 0; i < 1_000_000; i++) {
      sum.add(-0.1);
      great.add(-Double.MAX_VALUE);
    }
    assertThat(sum.sum()).isEqualTo(decimal(List.of(-0.1)).movePointRight(6).doubleValue());
    assertThat(great.sum()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(great.mean()).isEqualTo(-Double.MAX_VALUE);
    for (int i = 0; i < 999_999; i++) {
      great.add(Double.MAX_VALUE);
    }
    assertThat(great.sum()).isEqualTo(-Double.MAX_VALUE);
  }

  @Test
  void whatIsNotFiniteDecides() {
    double infinite = Double.POSITIVE_INFINITY;
    assertThat(of(1, infinite, 2).sum()).isEqualTo(infinite);
    assertThat(of(-infinite, 1e300).mean()).isEqualTo(-infinite);
    assertThat(of(infinite, -infinite).sum()).isNaN();
    assertThat(of(Double.NaN, 1).sum()).isNaN();
    ExactSum merged = of(infinite, 1);
    merged.add(of(-infinite));
    assertThat(merged.sum()).isNaN();
  }

  @Test
  void nothingSumsToZero() {
    assertThat(of().sum()).isZero();
    assertThat(of().mean()).isNaN();
    assertThat(Double.doubleToRawLongBits(of(-0.0).sum())).isZero();
    assertThat(of(1.5, -1.5).mean()).isEqualTo(0.0, within(0.0));
  }
}
