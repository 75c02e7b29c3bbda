package dev.weir.ml;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.TrainingSummary;
import org.apache.spark.ml.clustering.ClusteringSummary;
import org.apache.spark.ml.clustering.GaussianMixtureSummary;
import org.apache.spark.ml.clustering.KMeansSummary;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionTrainingSummary;
import org.apache.spark.ml.regression.LinearRegressionTrainingSummary;
import org.apache.spark.ml.util.HasTrainingSummary;

/** What a fit says of itself: how many iterations it took and where its objective ended. */
final class FitSummary {
  private FitSummary() {}

  /** {@code iterations} and {@code objective}, where the model's last stage knows them. */
  static Map<String, Double> of(PipelineModel model) {
    Map<String, Double> found = new TreeMap<>();
    Transformer last = model.stages()[model.stages().length - 1];
    if (!(last instanceof HasTrainingSummary<?> fitted) || !fitted.hasSummary()) {
      return found;
    }
    Object summary = fitted.summary();
    if (summary instanceof TrainingSummary s) {
      put(found, s.totalIterations(), lastOf(s.objectiveHistory()));
    } else if (summary instanceof LinearRegressionTrainingSummary s) {
      put(found, s.totalIterations(), lastOf(s.objectiveHistory()));
    } else if (summary instanceof GeneralizedLinearRegressionTrainingSummary s) {
      put(found, s.numIterations(), s.deviance());
    } else if (summary instanceof KMeansSummary s) {
      put(found, s.numIter(), s.trainingCost());
    } else if (summary instanceof GaussianMixtureSummary s) {
      put(found, s.numIter(), s.logLikelihood());
    } else if (summary instanceof ClusteringSummary s) {
      put(found, s.numIter(), Double.NaN);
    }
    return found;
  }

  private static void put(Map<String, Double> found, long iterations, double objective) {
    found.put("iterations", (double) iterations);
    if (Double.isFinite(objective)) {
      found.put("objective", objective);
    }
  }

  private static double lastOf(double[] history) {
    return history.length == 0 ? Double.NaN : history[history.length - 1];
  }
}
