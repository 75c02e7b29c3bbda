package dev.weir.profile;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Base64;
import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.hll.TgtHllType;
import org.apache.datasketches.hll.Union;

/**
 * How many different values there are, as a HyperLogLog sketch of Apache DataSketches with 2^12
 * registers: off by less than 1.6 % in two of three cases.
 *
 * @param sketch the sketch's compact bytes in Base64
 */
public record Distinct(@JsonValue String sketch) {
  static final int LG_REGISTERS = 12;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Distinct {
    if (sketch.isEmpty()) {
      throw new IllegalArgumentException("A sketch has bytes");
    }
  }

  static Distinct of(HllSketch sketch) {
    return new Distinct(Base64.getEncoder().encodeToString(sketch.toCompactByteArray()));
  }

  /** About how many different values there are. */
  public double estimate() {
    return heap().getEstimate();
  }

  /** Of the values of both. */
  public Distinct merge(Distinct other) {
    Union union = new Union(LG_REGISTERS);
    union.update(heap());
    union.update(other.heap());
    return of(union.getResult(TgtHllType.HLL_4));
  }

  private HllSketch heap() {
    return HllSketch.heapify(Base64.getDecoder().decode(sketch));
  }
}
