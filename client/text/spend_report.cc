#include "client/text/spend_report.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "client/text/estimates_text.h"
#include "client/text/money.h"
#include "client/text/numbers.h"

namespace strata {
namespace {

// Servers of before send the parameters alone.
std::vector<ParameterEstimate> EstimatesOf(const SpendModel& model) {
  if (!model.estimates.empty()) return model.estimates;
  std::vector<ParameterEstimate> estimates;
  const std::array<std::pair<const char*, double>, 3> values = {{{"p", model.p}, {"q", model.q}, {"v", model.v}}};
  for (size_t i = 0; i < values.size(); ++i) {
    ParameterEstimate& estimate = estimates.emplace_back();
    estimate.name = values.at(i).first;
    estimate.estimate = values.at(i).second;
    if (model.has_standard_errors) estimate.standard_error = model.standard_errors.at(i);
  }
  return estimates;
}

}  // namespace

std::string SpendBrief(const SpendModel& model, const std::string& currency, const std::string& indent) {
  if (!model.fitted) return fmt::format("{}Spend (Gamma-Gamma): not fitted: {}\n", indent, model.reason);
  const std::string parameters = EstimatesLine(EstimatesOf(model), {});
  std::string text =
      fmt::format("{}Spend (Gamma-Gamma): {}{}fitted on {}\n", indent, parameters, parameters.empty() ? "" : ", ",
                  Counted(model.customers, "repeat buyer", "repeat buyers"));
  const bool has_mean = model.boundary.find("infinite_mean") == std::string::npos;
  if (has_mean) {
    text += fmt::format("{}  A customer of whom nothing is known spends {} per purchase day.\n", indent,
                        Money(model.population_mean, currency));
  } else if (model.population_median.has_value()) {
    text += fmt::format("{}  Spend has no finite mean: half of the customers spend {} or less per purchase day.\n",
                        indent, Money(*model.population_median, currency));
  }
  if (model.left_out_not_positive > 0) {
    text += fmt::format("{}  {} left out: their repeat purchases add up to nothing or less.\n", indent,
                        Counted(model.left_out_not_positive, "repeat buyer was", "repeat buyers were"));
  }
  return text + WarningLines(model.warnings, indent + "  ");
}

std::string SpendTables(const SpendModel& model) {
  if (!model.fitted) return "";
  std::string text = ParameterTable(EstimatesOf(model), {}) +
                     fmt::format("  Log-likelihood {} on {}.\n", Fixed(model.log_likelihood, 4),
                                 Counted(model.customers, "customer", "customers"));
  if (model.correlation.has_value()) {
    text += fmt::format("  Correlation of how often and how much customers buy: {}; the model takes it as 0.\n",
                        Fixed(*model.correlation, 3));
  }
  return text;
}

}  // namespace strata
