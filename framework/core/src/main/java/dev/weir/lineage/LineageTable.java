package dev.weir.lineage;

import dev.weir.store.TableDefinition;
import java.util.Locale;

/** The tables made from the events, each with a row for a finished thing. */
public enum LineageTable {
  /** Runs that have ended. */
  RUNS,
  /** Attempts at stages that have ended. */
  STAGES,
  /** What was made from what: from each thing read to each thing written. */
  EDGES,
  /**
   * In which run's stage each thing was read or written: an index of the edges, sorted so that
   * those of one reference are found without reading all.
   */
  REFERENCE_RUNS,
  /** Versions of datasets. */
  DATASETS,
  /** Candidates and registered versions of models. */
  MODELS,
  /** Measured numbers. */
  METRICS,
  /** Parameters of runs and of stages' work. */
  PARAMS,
  /** Verdicts of checks. */
  CHECKS,
  /** What is in the columns of datasets. */
  PROFILES,
  /** Approvals, rejections and retirements of model versions. */
  REVIEWS,
  /** Moves of the aliases of models. */
  ALIASES,
  /** Pins that were released and files that were deleted. */
  DELETIONS,
  /** Levels of datasets' figures that people took for the new normal. */
  BASELINES,
  /** Alerts, each time that one was raised, delivered, not delivered, acknowledged or snoozed. */
  ALERTS,
  /** What people decided about data that gates refused or put aside. */
  INTERVENTIONS;

  /** Its name in SQL and in the home's folder {@code lineage}. */
  public String tableName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Where it is in the home. */
  public String path() {
    return "lineage/" + tableName();
  }

  /** Its columns, with their comments. */
  public TableDefinition definition() {
    return LineageColumns.of(this);
  }
}
