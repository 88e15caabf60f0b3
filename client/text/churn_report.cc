#include "client/text/churn_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/date.h"
#include "client/text/numbers.h"
#include "client/text/table.h"
#include "client/text/words.h"

namespace strata {
namespace {

std::string GradeLine(const ChurnModel& model, const std::string& indent) {
  if (model.grade == Grade::kNone) return fmt::format("{}  Not graded: {}\n", indent, model.grade_reason);
  return fmt::format("{}  Grade {}: {}. Against that rule ({}) it gains {} AUC, 95 % interval {} to {}.\n", indent,
                     Name(model.grade), Meaning(model.grade), model.best_baseline, Fixed(model.auc_gain, 3),
                     Fixed(model.auc_gain_low, 3), Fixed(model.auc_gain_high, 3));
}

const char* AlgorithmWords(ChurnAlgorithm algorithm) {
  switch (algorithm) {
    case ChurnAlgorithm::kLogistic:
      return "logistic";
    case ChurnAlgorithm::kTrees:
      return "boosted trees";
    case ChurnAlgorithm::kLifetime:
      return "lifetime model";
  }
  return "";
}

std::string QuestionWords(const ChurnModel& model) {
  switch (model.plan.question) {
    case ChurnQuestion::kPurchases:
      return fmt::format("no purchase in {} days, for customers who bought in the last {} days", model.horizon_days,
                         model.eligible_days);
    case ChurnQuestion::kContract:
      return fmt::format("contracts that end in {} days", model.horizon_days);
    case ChurnQuestion::kDatedLabel:
      return fmt::format("customers marked as lost in {} days", model.horizon_days);
    case ChurnQuestion::kUndatedLabel:
      return "customers marked as lost, without a date";
  }
  return "";
}

// What was measured, beside the rules of thumb.
std::string QualityTables(const ChurnModel& model) {
  const bool precision = model.average_precision > 0;
  const auto row = [precision](std::vector<std::string> cells, const std::string& average_precision) {
    if (precision) cells.push_back(average_precision);
    return cells;
  };
  std::vector<Table::Column> columns = {
      {"ranking", Align::kLeft}, {"AUC", Align::kRight}, {"log loss", Align::kRight}, {"Brier", Align::kRight}};
  if (precision) columns.push_back({"average precision", Align::kRight});
  Table quality(columns);
  quality.AddRow(row({"this model", Fixed(model.auc, 4), Fixed(model.log_loss, 4), Fixed(model.brier, 4)},
                     Fixed(model.average_precision, 4)));
  for (const Baseline& baseline : model.baselines) {
    quality.AddRow(row({baseline.name, Fixed(baseline.auc, 4),
                        baseline.log_loss.has_value() ? Fixed(*baseline.log_loss, 4) : kNothing, kNothing},
                       baseline.average_precision.has_value() ? Fixed(*baseline.average_precision, 4) : kNothing));
  }
  std::string text = quality.Render("  ");
  text += fmt::format("  Fitted as of {}, measured on {} after {}.\n", FormatDay(model.train_cutoff),
                      Counted(model.holdout_rows, "customer", "customers"), FormatDay(model.test_cutoff));
  if (!model.temporal) text += "  Not temporal: the label has no date, so no later days could be held back.\n";
  if (!model.lift.empty()) {
    text += fmt::format("  The riskiest tenth held {} of those who left, {} times its share.\n",
                        Percent(model.lift[0].gain), Fixed(model.lift[0].lift, 1));
  }
  return text;
}

// Counts and days are whole; shares are not.
std::string Number(double value) {
  return value == std::round(value) ? Grouped(std::llround(value)) : Significant(value, 4);
}

// How margins become probabilities and bands.
std::string RiskWords(const ChurnModel& model) {
  std::string text;
  if (model.calibration.method != CalibrationMethod::kNone) {
    text += fmt::format("  Probabilities were set right on {} that the model had not seen ({}).\n",
                        Counted(model.calibration.rows, "customer period", "customer periods"),
                        model.calibration.method == CalibrationMethod::kPlatt ? "Platt" : "isotonic");
  }
  if (!model.plan.features.empty()) {
    text += fmt::format("  Low risk below {}, high risk from {} on.\n", Percent(model.band_low, 0),
                        Percent(model.band_high, 0));
  }
  for (const SufficiencyLine& line : model.sufficiency) {
    if (line.met) continue;
    text += fmt::format("  Too thin: {} {}, needed {}: {}.\n", line.rule, Number(line.found), Number(line.needed),
                        line.consequence);
  }
  return text;
}

std::string DriversTable(const ChurnModel& model) {
  Table drivers({{"what drives it", Align::kLeft},
                 {"reason", Align::kLeft},
                 {"moves log-odds by", Align::kRight},
                 {"AUC alone", Align::kRight},
                 {"missing", Align::kRight}});
  for (const ChurnDriver& driver : model.drivers) {
    drivers.AddRow({driver.feature, driver.group, Fixed(driver.contribution, 3), Fixed(driver.single_auc, 3),
                    Percent(driver.missing)});
  }
  return drivers.Render("  ");
}

std::string WeightsTable(const ChurnModel& model) {
  std::vector<size_t> order(std::min(model.features.size(), model.coefficients.size()));
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&model](size_t a, size_t b) {
    return std::fabs(model.coefficients[a]) > std::fabs(model.coefficients[b]);
  });
  Table weights({{"what weighs", Align::kLeft}, {"effect", Align::kRight}, {"", Align::kLeft}});
  for (const size_t i : order) {
    const double weight = model.coefficients[i];
    weights.AddRow({model.features[i], Fixed(weight, 3),
                    weight > 0   ? "more: likelier to leave"
                    : weight < 0 ? "more: likelier to stay"
                                 : ""});
  }
  return weights.Render("  ") + "  Effects are log-odds per standard deviation.\n";
}

}  // namespace

std::string ChurnBrief(const ChurnModel& model, const std::string& indent) {
  const char* const algorithm = AlgorithmWords(model.algorithm);
  if (model.algorithm == ChurnAlgorithm::kLifetime) {
    return fmt::format("{}Churn ({}): the history is too thin for a model of its own: {}\n", indent, algorithm,
                       model.reason);
  }
  if (!model.fitted) return fmt::format("{}Churn ({}): not fitted: {}\n", indent, algorithm, model.reason);
  std::string text = fmt::format("{}Churn ({}): {}\n", indent, algorithm, QuestionWords(model));
  text +=
      fmt::format("{}  Learned from {}, of which {} left.\n", indent,
                  Counted(model.rows, "observed customer period", "observed customer periods"),
                  Percent(model.rows > 0 ? static_cast<double>(model.churned) / static_cast<double>(model.rows) : 0));
  text += GradeLine(model, indent);
  if (model.grade != Grade::kNone) {
    text += fmt::format(
        "{}  On {} it had not seen: AUC {} (1: perfect, 0.5: a coin), probabilities off by {} on average{}.\n", indent,
        Counted(model.holdout_rows, "customer", "customers"), Fixed(model.auc, 3), Percent(model.calibration_error),
        model.calibration_error_perfect > 0
            ? fmt::format(" (by {} were every one right)", Percent(model.calibration_error_perfect))
            : "");
  }
  for (const std::string& warning : model.warnings) text += fmt::format("{}  ! {}\n", indent, warning);
  return text;
}

std::string ChurnTables(const ChurnModel& model) {
  if (!model.fitted) return "";
  std::string text = model.holdout_rows > 0 ? QualityTables(model) : "";
  text += RiskWords(model);
  if (!model.drivers.empty()) text += DriversTable(model);
  if (!model.coefficients.empty()) text += WeightsTable(model);
  return text;
}

}  // namespace strata
