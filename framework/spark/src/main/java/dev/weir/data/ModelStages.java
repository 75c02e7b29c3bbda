package dev.weir.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.clustering.DistributedLDAModel;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.fpm.FPGrowthModel;
import org.apache.spark.ml.recommendation.ALSModel;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.SparkSession;

/**
 * Saves the stages of a model side by side, in the layout of MLlib's own writer, which saves them
 * one after the other: each starts one to three small Spark jobs.
 */
final class ModelStages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int AT_ONCE = 4;

  private ModelStages() {}

  /** Saves a model so that {@code PipelineModel.load} loads it. */
  static void save(PipelineModel model, ScratchFolder folder, SparkSession spark)
      throws IOException {
    Transformer[] stages = model.stages();
    List<Callable<Void>> saves = new ArrayList<>();
    for (int i = 0; i < stages.length; i++) {
      String path = folder.uri(stagePath(i, stages.length, stages[i].uid()));
      if (!(stages[i] instanceof MLWritable writable)) {
        throw new IllegalArgumentException(
            "%s can't be saved: a transformer of your own implements MLWritable, for which DefaultParamsWritable is enough"
                .formatted(stages[i].getClass().getName()));
      }
      saves.add(
          () -> {
            writable.write().session(spark).save(path);
            return null;
          });
    }
    sideBySide(saves);
    try (OutputStream out = folder.create("metadata/part-00000.txt")) {
      out.write((metadata(model, spark) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Loads with MLlib's own reader. */
  static PipelineModel load(ScratchFolder folder, SparkSession spark) {
    return PipelineModel.read().session(spark).load(folder.uri());
  }

  /** True if the model may read its files again after loading: their folder has to stay. */
  static boolean readsLater(PipelineModel model) {
    for (Transformer stage : model.stages()) {
      boolean mllib = stage.getClass().getName().startsWith("org.apache.spark.ml.");
      if (!mllib
          || stage instanceof ALSModel
          || stage instanceof FPGrowthModel
          || stage instanceof ImputerModel
          || stage instanceof DistributedLDAModel
          || (stage instanceof PipelineModel nested && readsLater(nested))) {
        return true;
      }
    }
    return false;
  }

  private static String stagePath(int index, int count, String uid) {
    int digits = String.valueOf(count).length();
    return "stages/" + String.format(Locale.ROOT, "%0" + digits + "d", index) + "_" + uid;
  }

  private static String metadata(PipelineModel model, SparkSession spark) {
    ObjectNode node = JSON.createObjectNode();
    node.put("class", PipelineModel.class.getName());
    node.put("timestamp", System.currentTimeMillis());
    node.put("sparkVersion", spark.version());
    node.put("uid", model.uid());
    var uids = node.putObject("paramMap").putArray("stageUids");
    for (Transformer stage : model.stages()) {
      uids.add(stage.uid());
    }
    node.putObject("defaultParamMap");
    return node.toString();
  }

  private static void sideBySide(List<Callable<Void>> tasks) throws IOException {
    // Threads made here inherit the job tag, the pool and the active session of this one.
    ExecutorService threads =
        Executors.newFixedThreadPool(Math.max(1, Math.min(AT_ONCE, tasks.size())));
    try {
      List<Future<Void>> running = new ArrayList<>();
      tasks.forEach(task -> running.add(threads.submit(task)));
      for (Future<Void> task : running) {
        task.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while saving a model");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      } else if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }
}
