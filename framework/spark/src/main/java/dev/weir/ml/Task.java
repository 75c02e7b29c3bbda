package dev.weir.ml;

import java.util.List;

/** What a model predicts, which decides how it is measured. */
public enum Task {
  /** One of two classes, 0 and 1, by the probability of class 1. */
  BINARY,
  /** One of several classes, numbered from 0. */
  MULTICLASS,
  /** A number. */
  REGRESSION;

  /** The names of the metrics, in the order in which they are published. */
  public List<String> metrics() {
    return switch (this) {
      case BINARY ->
          List.of(
              "auc-roc",
              "auc-pr",
              "log-loss",
              "brier",
              "accuracy",
              "precision",
              "recall",
              "f1",
              "positive-rate");
      case MULTICLASS -> List.of("accuracy", "log-loss", "precision", "recall", "f1");
      case REGRESSION -> List.of("rmse", "mae", "r2", "mape");
    };
  }
}
