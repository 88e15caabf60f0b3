// What training rows say of each feature, before anything is fitted: how missing values and levels become columns,
// which feature says nothing, and which says too much. From gathered rows (model/churn/gathered_rows.h). Pure functions;
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/churn/churn_plan.h"
#include "model/churn/gathered_rows.h"

namespace strata {

struct FeatureFacts {
  int64_t rows = 0, missing = 0;
  int64_t distinct = 0;         // codes that occur, missing ones aside
  double median = 0;            // of numbers that are there, in the feature's unit, to 2^-9; 0 where there is none
  uint16_t frequent_level = 0;  // of a category: the most frequent one of the plan (ties: the first)
  double single_auc = 0.5;      // of the feature alone, in the better direction; levels by their churn rate

  double missing_share() const { return rows > 0 ? static_cast<double>(missing) / static_cast<double>(rows) : 0; }
  // It is the same for everybody.
  bool is_constant() const { return distinct + (missing > 0 ? 1 : 0) < 2; }
};

// By feature of `plan`, from rows of the sample's views [first_view, first_view + views) that were gathered with
// `gathered`. INTERNAL where the sample does not fit the plans.
absl::StatusOr<std::vector<FeatureFacts>> FactsOf(const ChurnPlan& gathered, const ChurnPlan& plan,
                                                  const KeyedRows& sample, int first_view, int views);

// Where the features of `plan` stand in `gathered`. INTERNAL where one is not there.
absl::StatusOr<std::vector<size_t>> PlacesOfFeatures(const ChurnPlan& gathered, const ChurnPlan& plan);

// Codes of a category's levels `from` become those of `to`, kOtherLevelCode where `to` lacks the word.
void Recode(const std::vector<std::string>& from, const std::vector<std::string>& to, std::vector<uint16_t>* codes);

}  // namespace strata
