// Estimates of a model's parameters as people read them. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/lifetime/lifetime_fit.h"

namespace strata {

// "r 0.2500, alpha 5.000", and of what is known instead of single ones "r / alpha 0.0500". What is not determined is
// left out.
std::string EstimatesLine(const std::vector<ParameterEstimate>& estimates,
                          const std::vector<ParameterEstimate>& determined);

// With errors, intervals and words.
std::string ParameterTable(const std::vector<ParameterEstimate>& estimates,
                           const std::vector<ParameterEstimate>& determined);

// "-" where it is absent.
std::string OrNothing(const std::optional<double>& value, int digits);

// A line for each, behind an exclamation mark.
std::string WarningLines(const std::vector<std::string>& warnings, const std::string& indent);

}  // namespace strata
