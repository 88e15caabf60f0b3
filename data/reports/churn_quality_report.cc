// How good the churn model was on the test: reliability, lift, and what a person would do without it (A13).
#include <string>

#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

struct ChurnReliability {
  static ReportInfo Info() {
    return {.name = "churn_reliability",
            .title = "Predicted beside realised churn",
            .sources = {"A13"},
            .needs = {.churn = true},
            .columns = {{"bin", ReportType::kInteger, "1", "By predicted probability, the least first."},
                        {"customers", ReportType::kInteger, "customers", "Of the test, in the bin."},
                        {"churned", ReportType::kInteger, "customers", "Of these, lost in the horizon."},
                        {"predicted", ReportType::kShare, "1", "Mean probability."},
                        {"realised", ReportType::kShare, "1", "Share that was lost."},
                        {"low", ReportType::kShare, "1", "95 % interval of it (Wilson 1927)."},
                        {"high", ReportType::kShare, "1", "Upper end."},
                        {"inside", ReportType::kFlag, "", "Whether the prediction lies in the interval."}},
            .method =
                "15 bins of equal counts, by the model that was fitted before the test cutoff. Of 15 bins of a "
                "calibrated model about one lies outside its interval by chance. The mean distance, weighted by "
                "customers, is the card's calibration_error."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, GradedChurn(facts.models));
    if (model->reliability.empty()) return LeaveOut("the test was kept without its bins");
    ReportRows rows("churn_reliability", Info().columns);
    int64_t place = 0;
    for (const CalibrationBin& bin : model->reliability) {
      const bool is_inside = bin.low <= bin.predicted && bin.predicted <= bin.high;
      rows.Add({++place, bin.rows, bin.churned, bin.predicted, ReportRows::Ratio(bin.churned, bin.rows), bin.low,
                bin.high, int64_t{is_inside}});
    }
    return rows.Take();
  }
};

struct ChurnLift {
  static ReportInfo Info() {
    return {.name = "churn_lift",
            .title = "Churn by decile of predicted risk",
            .sources = {"A13"},
            .needs = {.churn = true},
            .columns = {{"decile", ReportType::kInteger, "1", "1: the tenth of the test of the greatest margins."},
                        {"customers", ReportType::kInteger, "customers", "In it."},
                        {"churned", ReportType::kInteger, "customers", "Of these, lost in the horizon."},
                        {"rate", ReportType::kShare, "1", "Share that was lost."},
                        {"lift", ReportType::kNumber, "1", "That rate over the rate of all."},
                        {"gain", ReportType::kShare, "1", "Share of all lost ones in this and the deciles before."}},
            .method =
                "Customers of the test by margin, from the model that was fitted before the test cutoff. Gain of "
                "decile 3: what part of the lost a campaign to the riskiest 30 % reaches."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, GradedChurn(facts.models));
    if (model->lift.empty()) return LeaveOut("the test was kept without its deciles");
    ReportRows rows("churn_lift", Info().columns);
    int64_t place = 0;
    for (const LiftDecile& decile : model->lift) {
      rows.Add({++place, decile.rows, decile.churned, ReportRows::Ratio(decile.churned, decile.rows), decile.lift,
                decile.gain});
    }
    return rows.Take();
  }
};

struct ChurnBaselines {
  static ReportInfo Info() {
    return {.name = "churn_baselines",
            .title = "The churn model beside plain rules",
            .sources = {"A13"},
            .needs = {.churn = true},
            .columns = {{"scorer", ReportType::kText, "", "model, or the baseline."},
                        {"auc", ReportType::kShare, "1", "P(a lost one ranks above a kept one), ties half."},
                        {"gain", ReportType::kNumber, "1", "The model's AUC less that."},
                        {"average_precision", ReportType::kShare, "1", "None: a rule that does not rank."},
                        {"log_loss", ReportType::kNumber, "1", "None: it gives no probabilities."},
                        {"threshold", ReportType::kNumber, "",
                         "Of a rule: days without a purchase, or own gaps; tuned on training cutoffs."},
                        {"best", ReportType::kFlag, "", "The baseline that the grade is measured against."}},
            .method =
                "On the test's customers. inactivity ranks by days since the last purchase, gap by these over the "
                "customer's own mean gap; the rules with a threshold say yes or no. lifetime_p_no_purchase is the "
                "lifetime model's P(no purchase in the horizon) as of the test cutoff. The interval of the gain over "
                "the best one is in churn_model_card."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, GradedChurn(facts.models));
    ReportRows rows("churn_baselines", Info().columns);
    rows.Add({std::string("model"), model->auc, ReportCell(), model->average_precision, model->log_loss, ReportCell(),
              int64_t{0}});
    for (const Baseline& baseline : model->baselines) {
      rows.Add({baseline.name, baseline.auc, model->auc - baseline.auc, NumberCell(baseline.average_precision),
                NumberCell(baseline.log_loss), baseline.threshold > 0 ? ReportCell(baseline.threshold) : ReportCell(),
                int64_t{baseline.name == model->best_baseline}});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnReliabilityReport() { return Registered<ChurnReliability>(); }
RegisteredReport ChurnLiftReport() { return Registered<ChurnLift>(); }
RegisteredReport ChurnBaselinesReport() { return Registered<ChurnBaselines>(); }

}  // namespace strata
