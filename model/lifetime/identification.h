// What the data determine: which boundaries a fitted maximum is compared with, and what is said about each
// (fit_lifetime.h has the rules). Pure, thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/lifetime/likelihood_search.h"

namespace strata {

// A boundary: one parameter held at a value that stands for infinity or zero, its partner free.
struct BoundaryRule {
  const char* boundary;  // the name that fits carry
  size_t held, partner;  // parameters
  double value;          // of the one held
  // held / partner, partner / (partner + held), held partner, (held / (held + 1))^partner
  enum Known : uint8_t { kRatio, kShare, kProduct, kStaying } known;
  const char* words;
};

std::vector<BoundaryRule> BoundaryRulesOf(LifetimeKind kind);

struct JudgedMaximum {
  Climb climb;
  std::array<bool, 4> free = {};
  std::vector<BoundaryRule> reached;
};

// The maximum, or where a boundary explains the data as well (kBoundaryCritical) the one on it. Boundaries of
// parameters with a prior are left alone, and those that the maximum is clearly far from are not tried.
JudgedMaximum JudgeBoundaries(const SearchProblem& problem, const Climb& maximum,
                              const std::vector<BoundaryRule>& rules);

}  // namespace strata
