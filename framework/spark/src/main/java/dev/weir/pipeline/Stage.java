package dev.weir.pipeline;

/**
 * One step of a pipeline: a record whose components are its configuration.
 *
 * <p>Components are bound by name from YAML ({@code maxRows} is the key {@code max-rows}). Those of
 * type {@link Input}, {@link Output}, {@link ModelInput} and {@link ModelOutput}, and lists and
 * maps of them, are its ports: what the stage reads and writes. A stage reads and writes only
 * through its {@link StageContext} and only what its ports declare; it never records its own state.
 */
public interface Stage {
  /**
   * Does the work once. It may be called again after a failure, in the same run or a later one.
   *
   * @throws Exception anything; the runner records it and decides about another attempt
   */
  void run(StageContext context) throws Exception;
}
