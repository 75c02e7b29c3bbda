package dev.weir.jobs;

import static dev.weir.feature.SplitBy.time;
import static dev.weir.feature.Sql.file;
import static dev.weir.feature.Sql.statement;
import static dev.weir.ml.Bounds.atLeast;
import static dev.weir.ml.Evaluate.binary;
import static dev.weir.pipeline.Input.from;
import static dev.weir.pipeline.ModelInput.model;
import static dev.weir.pipeline.ModelOutput.toModel;
import static dev.weir.pipeline.Output.to;
import static dev.weir.quality.Check.allowed;
import static dev.weir.quality.Check.expression;
import static dev.weir.quality.Check.matches;
import static dev.weir.quality.Check.notNull;
import static dev.weir.quality.Check.range;
import static dev.weir.quality.Check.rowCount;
import static dev.weir.quality.Check.unique;

import dev.weir.feature.Split;
import dev.weir.feature.Sql;
import dev.weir.ingest.Ingest;
import dev.weir.ingest.Sample;
import dev.weir.ml.Predict;
import dev.weir.ml.Register;
import dev.weir.ml.Train;
import dev.weir.pipeline.Pipeline;
import dev.weir.profile.Deviation;
import dev.weir.profile.Figure;
import dev.weir.profile.Unjudged;
import dev.weir.quality.Concern;
import dev.weir.quality.HistoryCheck;
import dev.weir.quality.Norms;
import dev.weir.quality.Validate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;

/** The pipeline of {@code conf/pipelines/credit.yaml} in Java: the two are equal. */
public final class CreditPipeline {
  private static final List<String> TEXTS =
      List.of("channel", "region", "marital", "education", "employment", "housing", "purpose");

  private CreditPipeline() {}

  /**
   * The pipeline.
   *
   * @param months how many months are delivered, from 2024-01
   * @param rows applications a month
   */
  @SuppressWarnings("BadImport") // Input.from reads as what it is where a stage is written.
  public static Pipeline of(int months, long rows) {
    String[] texts =
        TEXTS.stream().map(t -> t.equals("marital") ? "marital_status" : t).toArray(String[]::new);
    String[] indexed = suffixed("_i");
    String[] vectors = suffixed("_v");
    String[] numbers = {
      "age",
      "is_young",
      "dependents",
      "employment_years",
      "months_at_address",
      "log_income",
      "debt_ratio",
      "open_loans",
      "late_payments",
      "credit_score",
      "credit_score_missing",
      "existing_customer",
      "log_loan_amount",
      "loan_term_months",
      "burden",
      "interest_rate",
      "winter"
    };
    return Pipeline.named("credit")
        .param("seed", 42)
        .param("months", months)
        .param("rows", rows)
        .param("fault-month", "")
        .stage("ingest", new Ingest(Sample.credit(months, rows, 42), to("credit.raw")))
        .stage("truth", new Ingest(Sample.creditTruth(months, rows, 42), to("credit.truth")))
        .stage(
            "wellformed",
            new Sql(
                from("credit.raw"),
                to("credit.wellformed"),
                statement(
                    "select * except (_corrupt_record) from credit.raw where _corrupt_record is null")))
        .stage(
            "validate",
            new Validate(
                    from("credit.wellformed"),
                    to("credit.clean"),
                    notNull("application_id"),
                    unique("application_id"),
                    notNull("applied_on"),
                    notNull("income"),
                    range("income", 1000, 1_000_000),
                    range("age", 18, 100),
                    range("credit_score", 300, 850),
                    range("debt", 0, (Number) null),
                    allowed("channel", "branch", "web", "broker", "partner_app"),
                    allowed("defaulted", "0", "1"),
                    matches("region", "[a-z]+"),
                    rowCount(1),
                    expression("loan_amount > 0 and loan_term_months > 0"))
                .withNorms(incomeAsBefore()))
        .stage(
            "features",
            new Sql(
                from("credit.clean"),
                to("credit.features"),
                file("conf/pipelines/credit/features.sql")))
        .stage(
            "split",
            new Split(
                from("credit.features"),
                to("credit.train"),
                to("credit.test"),
                time("applied_on", "2025-04-01")))
        .stage(
            "train",
            new Train(
                    from("credit.train"),
                    toModel("credit.default"),
                    "defaulted",
                    new StringIndexer()
                        .setInputCols(texts)
                        .setOutputCols(indexed)
                        .setHandleInvalid("keep"),
                    new OneHotEncoder().setInputCols(indexed).setOutputCols(vectors),
                    new VectorAssembler()
                        .setInputCols(
                            Stream.concat(Arrays.stream(vectors), Arrays.stream(numbers))
                                .toArray(String[]::new))
                        .setOutputCol("features"),
                    new LogisticRegression().setMaxIter(50).setRegParam(0.001))
                .withKey("application_id"))
        .stage(
            "predict",
            new Predict(
                from("credit.test"),
                model("credit.default"),
                to("credit.predictions"),
                "application_id",
                "applied_on",
                "defaulted"))
        .stage(
            "scored",
            new Sql(
                List.of(from("credit.predictions"), from("credit.truth")),
                to("credit.scored"),
                statement(
                    "select p.*, t.true_probability from predictions p join truth t using (application_id)")))
        .stage(
            "evaluate",
            binary(
                    from("credit.scored"),
                    to("credit.evaluation"),
                    model("credit.default"),
                    "defaulted")
                .withGate("auc-roc", atLeast(0.7))
                .withBaseline(from("credit.train"))
                .withBest("true_probability"))
        .stage("register", new Register(model("credit.default"), from("credit.evaluation")))
        .build();
  }

  private static Norms incomeAsBefore() {
    Figure mean = Figure.parse("income.mean");
    return new Norms(
        List.of(
            HistoryCheck.of(
                new Deviation.RelativeChange(mean, 0.5, Unjudged.PASS),
                "applied_on",
                Concern.USUAL),
            HistoryCheck.of(
                new Deviation.Robust(mean, 4, 30, 3, Unjudged.PASS),
                null,
                Concern.USUAL.warning())),
        List.of());
  }

  private static String[] suffixed(String suffix) {
    return TEXTS.stream().map(text -> text + suffix).toArray(String[]::new);
  }
}
