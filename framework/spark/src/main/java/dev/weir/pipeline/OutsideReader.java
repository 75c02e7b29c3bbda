package dev.weir.pipeline;

import dev.weir.lineage.Fact;
import java.util.List;

/**
 * A stage that reads files from outside of Weir. What it reads is settled once, when the run
 * starts; every attempt finds it in {@link StageContext.Settings#sources} and reads exactly that.
 */
public interface OutsideReader extends Stage {
  /**
   * Takes stock of the files that are there now, without Spark.
   *
   * @return the files, in the order of their paths; none for what the stage makes itself
   * @throws dev.weir.error.WeirException if one is not there or can't be read
   */
  List<Fact.OutsideFile> pin(Outside outside);
}
