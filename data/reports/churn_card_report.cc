// What the churn model is, how it came about, what it is worth, and whether the history sufficed for it (A13).
#include <string>
#include <utility>
#include <vector>

#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

const char* Name(CalibrationMethod method) {
  switch (method) {
    case CalibrationMethod::kNone:
      return "none";
    case CalibrationMethod::kPlatt:
      return "platt";
    case CalibrationMethod::kIsotonic:
      return "isotonic";
  }
  return "";
}

// The lines of a card in their order.
class Card {
 public:
  explicit Card(ReportRows* rows) : rows_(rows) {}

  void Number(const char* item, double value, std::string words = "") { Add(item, value, {}, words); }
  void Count(const char* item, int64_t value, std::string words = "") {
    Add(item, static_cast<double>(value), {}, words);
  }
  void Text(const char* item, std::string text, std::string words = "") { Add(item, {}, TextCell(text), words); }
  void Date(const char* item, Day day, std::string words = "") { Add(item, {}, FormatDay(day), words); }

 private:
  void Add(const char* item, ReportCell number, ReportCell text, const std::string& words) {
    rows_->Add({++place_, std::string(item), std::move(number), std::move(text), TextCell(words)});
  }

  ReportRows* rows_;
  int64_t place_ = 0;
};

std::string DatesOf(const std::vector<Day>& days) {
  std::string text;
  for (const Day day : days) text += (text.empty() ? "" : ", ") + FormatDay(day);
  return text;
}

struct ChurnModelCard {
  static ReportInfo Info() {
    return {.name = "churn_model_card",
            .title = "Card of the churn model",
            .sources = {"A13"},
            .needs = {.churn = true},
            .columns = {{"place", ReportType::kInteger, "1", "In the order of reading."},
                        {"item", ReportType::kText, "", "What the line is about."},
                        {"number", ReportType::kNumber, "1", "Where it is a number; counts, days, shares."},
                        {"text", ReportType::kText, "", "Where it is a word, a date or a list of dates."},
                        {"words", ReportType::kText, "", "What it means, or why it is absent."}},
            .method =
                "The grade belongs to the procedure: the same settings, moved a horizon back, fitted without a look at "
                "what is tested. The model that scores is fitted with them up to the test cutoff. Grades by the lower "
                "end of the 95 % interval of the AUC gain over the best baseline (paired bootstrap by customer): D at "
                "0 or below, C above it, B from 0.01, A from 0.03; A and B also need a calibration error of at most "
                "0.03. Where there is too little history to fit, the lifetime model's P(no purchase in the horizon) "
                "answers, and nothing is graded."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static void AddQuestion(const ChurnModel& model, Card* card) {
    card->Text("question", Name(model.plan.question), "who is lost: whoever buys nothing, or what the job names");
    card->Count("horizon_days", model.horizon_days, "after a cutoff, in which a customer is lost or not");
    card->Count("eligible_days", model.eligible_days, "before a cutoff, in which whoever is at risk has bought");
    card->Text("algorithm", strata::Name(model.algorithm), model.fitted ? "" : model.reason);
  }

  static void AddFit(const ChurnModel& model, Day as_of, Card* card) {
    if (!model.fitted) return;
    if (model.fitted_as_of != 0) {
      card->Date("fitted_as_of", model.fitted_as_of, model.fitted_as_of < as_of ? "earlier than tonight: kept" : "");
    }
    if (!model.cutoffs.empty()) card->Text("cutoffs", DatesOf(model.cutoffs), "of the rows that it is fitted on");
    card->Count("rows", model.rows, "customers at risk at these cutoffs");
    card->Count("churned", model.churned, "of these, lost in the horizon");
    if (!model.plan.features.empty()) {
      card->Count("features", static_cast<int64_t>(model.plan.features.size()), "see churn_features");
    }
    if (model.ensemble.has_value()) card->Count("trees", static_cast<int64_t>(model.ensemble->trees.size()));
    const Calibration& calibration = model.calibration;
    card->Text("calibration", Name(calibration.method), "how margins become probabilities");
    if (calibration.method != CalibrationMethod::kNone) {
      card->Count("calibration_rows", calibration.rows, "which the margins had not been fitted on");
    }
    if (calibration.platt_loss > 0) card->Number("platt_loss", calibration.platt_loss, "log-loss in keyed folds");
    if (calibration.isotonic_loss > 0) {
      card->Number("isotonic_loss", calibration.isotonic_loss, "log-loss in keyed folds");
    }
    card->Number("band_low", model.band_low, "low risk below");
    card->Number("band_high", model.band_high, "high risk from here on");
  }

  static void AddGrade(const ChurnModel& model, Card* card) {
    card->Text("grade", strata::Name(model.grade), model.grade_reason);
    if (model.grade == Grade::kNone) return;
    card->Text("temporal", model.temporal ? "yes" : "not temporal",
               model.temporal ? "tested on what came after the fit" : "by keyed folds, as the label has no date");
    if (model.temporal) {
      card->Date("train_cutoff", model.train_cutoff, "of the graded fit, the newest");
      card->Date("test_cutoff", model.test_cutoff);
    }
    card->Count("test_rows", model.holdout_rows);
    card->Count("test_churned", model.holdout_churned);
    card->Number("auc", model.auc, "P(a lost one ranks above a kept one)");
    card->Number("average_precision", model.average_precision);
    card->Number("log_loss", model.log_loss);
    card->Number("brier", model.brier);
    card->Number("calibration_error", model.calibration_error, "15 bins of equal counts");
    card->Number("calibration_error_perfect", model.calibration_error_perfect,
                 "the same on average, were every probability right");
    card->Text("best_baseline", model.best_baseline, "see churn_baselines");
    card->Number("auc_gain", model.auc_gain, "over the best baseline");
    card->Number("auc_gain_low", model.auc_gain_low, "95 % interval");
    card->Number("auc_gain_high", model.auc_gain_high, "95 % interval");
  }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, ChurnOf(facts.models));
    ReportRows rows("churn_model_card", Info().columns);
    Card card(&rows);
    AddQuestion(*model, &card);
    AddFit(*model, facts.as_of, &card);
    AddGrade(*model, &card);
    for (const std::string& warning : model->warnings) card.Text("warning", warning);
    return rows.Take();
  }
};

struct ChurnSufficiency {
  static ReportInfo Info() {
    return {.name = "churn_sufficiency",
            .title = "Whether the history suffices for churn",
            .sources = {"A13"},
            .needs = {.churn = true},
            .columns = {{"place", ReportType::kInteger, "1", "In the order in which it was looked at."},
                        {"rule", ReportType::kText, "", "What is asked of the history."},
                        {"found", ReportType::kNumber, "1", "In the rule's unit."},
                        {"needed", ReportType::kNumber, "1", "At least; of missing shares, at most."},
                        {"met", ReportType::kFlag, "", "Whether that is so."},
                        {"consequence", ReportType::kText, "", "What follows where it is not."}},
            .method =
                "Counts are of rows, a customer at risk at a training cutoff each. What is too thin for trees may do "
                "for a logistic model, and what is too thin for either leaves the answer to the lifetime model."};
  }

  using Partial = NoPartial;

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    STRATA_ASSIGN_OR_RETURN(const ChurnModel* model, ChurnOf(facts.models));
    if (model->sufficiency.empty()) return LeaveOut("the churn model does not tell what it asked of the history");
    ReportRows rows("churn_sufficiency", Info().columns);
    int64_t place = 0;
    for (const SufficiencyLine& line : model->sufficiency) {
      rows.Add({++place, line.rule, line.found, line.needed, int64_t{line.met}, TextCell(line.consequence)});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnModelCardReport() { return Registered<ChurnModelCard>(); }
RegisteredReport ChurnSufficiencyReport() { return Registered<ChurnSufficiency>(); }

}  // namespace strata
