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

}  // namespace

std::string ChurnBrief(const ChurnModel& model, const std::string& indent) {
  if (!model.fitted) return fmt::format("{}Churn (logistic): not fitted: {}\n", indent, model.reason);
  std::string text =
      fmt::format("{}Churn (logistic): no purchase in {} days, for customers who bought in the last {} days\n", indent,
                  model.horizon_days, model.eligible_days);
  text +=
      fmt::format("{}  Learned from {}, of which {} left.\n", indent,
                  Counted(model.rows, "observed customer period", "observed customer periods"),
                  Percent(model.rows > 0 ? static_cast<double>(model.churned) / static_cast<double>(model.rows) : 0));
  text += GradeLine(model, indent);
  if (model.grade != Grade::kNone) {
    text += fmt::format(
        "{}  On {} it had not seen: AUC {} (1: perfect, 0.5: a coin), probabilities off by {} on average.\n", indent,
        Counted(model.holdout_rows, "customer", "customers"), Fixed(model.auc, 3), Percent(model.calibration_error));
  }
  return text;
}

std::string ChurnTables(const ChurnModel& model) {
  if (!model.fitted) return "";
  std::string text;
  if (model.holdout_rows > 0) {
    Table quality(
        {{"ranking", Align::kLeft}, {"AUC", Align::kRight}, {"log loss", Align::kRight}, {"Brier", Align::kRight}});
    quality.AddRow({"this model", Fixed(model.auc, 4), Fixed(model.log_loss, 4), Fixed(model.brier, 4)});
    for (const Baseline& baseline : model.baselines) {
      quality.AddRow({baseline.name, Fixed(baseline.auc, 4),
                      baseline.log_loss.has_value() ? Fixed(*baseline.log_loss, 4) : kNothing, kNothing});
    }
    text += quality.Render("  ");
    text += fmt::format("  Fitted as of {}, measured on {} after {}.\n", FormatDay(model.train_cutoff),
                        Counted(model.holdout_rows, "customer", "customers"), FormatDay(model.test_cutoff));
  }
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
  return text + weights.Render("  ") + "  Effects are log-odds per standard deviation.\n";
}

}  // namespace strata
