// What is said of the parameters at a maximum: estimates with errors and intervals, and what is known instead where a
// boundary was reached. The rules are those of fit_lifetime.h. Pure, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/lifetime/identification.h"
#include "model/lifetime/lifetime_fit.h"

namespace strata {

struct Estimates {
  std::vector<ParameterEstimate> of_parameters;  // in the order of the names
  std::vector<ParameterEstimate> determined;     // combinations, where single parameters are absent
  std::string boundary;                          // names of those reached, with commas
  std::vector<std::string> warnings;             // one for each
  Curvature curvature;
};

// `profile`: intervals by the profile likelihood where the curvature says too little; some dozens of evaluations.
Estimates EstimatesAt(const SearchProblem& problem, const JudgedMaximum& judged, std::span<const char* const> names,
                      bool profile);

// Why there is no fit: "no customer has a contract; a fit needs at least 10", "only 2 customers have ...".
std::string TooFew(double customers, std::string_view what, double least);

// Whether a search ended near enough to a maximum for its end to count as one.
bool IsUsable(const Climb& climb, double customers);

}  // namespace strata
