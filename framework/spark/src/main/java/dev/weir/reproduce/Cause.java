package dev.weir.reproduce;

import java.util.Objects;

/**
 * Why something comes out otherwise than it did.
 *
 * @param stage the stage in which it shows
 * @param text in a sentence
 */
public record Cause(Kind kind, String stage, String text) {
  public Cause {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(stage);
    Objects.requireNonNull(text);
  }

  /** What is not as it was. */
  public enum Kind {
    /** What is read holds something else, or can't be read. */
    DATA,
    /** Classes, jars or files of queries. */
    CODE,
    /** The configuration of a stage, a parameter, or a setting of Spark. */
    CONFIGURATION,
    /** Spark's version. */
    SPARK,
    /** Delta's version. */
    DELTA,
    /** Java's version. */
    JAVA,
    /** Whether Java's vector module is there, which rounds sums of products otherwise. */
    VECTOR_MODULE,
    /** More than two partitions, whose sums depend on which ends first. */
    PARTITIONS,
    /** The stage did not succeed. */
    FAILURE,
    /** Nothing that was recorded is otherwise. */
    UNEXPLAINED
  }
}
