#include "client/text/estimates_text.h"

#include <fmt/format.h>

#include "client/text/numbers.h"
#include "client/text/table.h"

namespace strata {

std::string EstimatesLine(const std::vector<ParameterEstimate>& estimates,
                          const std::vector<ParameterEstimate>& determined) {
  constexpr int kDigits = 4;  // more is below the standard errors of any real base
  std::vector<std::string> parts;
  for (const std::vector<ParameterEstimate>* list : {&estimates, &determined}) {
    for (const ParameterEstimate& estimate : *list) {
      if (estimate.estimate.has_value()) {
        parts.push_back(fmt::format("{} {}", estimate.name, Significant(*estimate.estimate, kDigits)));
      }
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string ParameterTable(const std::vector<ParameterEstimate>& estimates,
                           const std::vector<ParameterEstimate>& determined) {
  Table table({{"parameter", Align::kLeft},
               {"estimate", Align::kRight},
               {"standard error", Align::kRight},
               {"95 % from", Align::kRight},
               {"to", Align::kRight},
               {"", Align::kLeft}});
  for (const std::vector<ParameterEstimate>* list : {&estimates, &determined}) {
    for (const ParameterEstimate& estimate : *list) {
      table.AddRow({estimate.name, OrNothing(estimate.estimate, 6), OrNothing(estimate.standard_error, 3),
                    OrNothing(estimate.low, 4), OrNothing(estimate.high, 4), estimate.words});
    }
  }
  return table.Render("  ");
}

std::string OrNothing(const std::optional<double>& value, int digits) {
  return value.has_value() ? Significant(*value, digits) : kNothing;
}

std::string WarningLines(const std::vector<std::string>& warnings, const std::string& indent) {
  std::string text;
  for (const std::string& warning : warnings) text += fmt::format("{}! {}\n", indent, warning);
  return text;
}

}  // namespace strata
