// A base whose truth is known, for the tests of churn: shoppers that buy every `gap` days (the id tells the gap) until
// they leave for good at a random day. Who is overdue for their own rhythm has left; how long ago the last purchase was
// says less. That is what a model can learn.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "model/churn/catalogue.h"
#include "model/churn/churn_fitter.h"
#include "tests/model/customer_table.h"

namespace strata {

inline constexpr Day kChurnAsOf = 10500;
inline constexpr int kChurnHorizon = 60;

inline std::vector<TestRow> RhythmRows(uint64_t seed, int customers, Day first) {
  std::mt19937_64 random(seed);
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < static_cast<uint64_t>(customers); ++customer) {
    const Day gap = customer % 2 == 0 ? 4 : 45;
    const Day leaves = first + static_cast<Day>(random() % 1000);
    for (Day day = first + static_cast<Day>(random() % 40); day <= std::min(leaves, kChurnAsOf);
         day += gap - 1 + static_cast<Day>(random() % 3)) {
      rows.push_back({customer, day, 1'000'000 + static_cast<int64_t>(random() % 1'000'000)});
    }
  }
  return rows;
}

inline ChurnFitSettings ChurnTestSettings(bool trees) {
  ChurnFitSettings settings;
  settings.features = FeaturesOf({}, {});
  settings.horizon_days = kChurnHorizon;
  settings.eligible_days = 2 * kChurnHorizon;
  settings.cutoffs = 1;
  settings.trees = trees;
  settings.boost.trees = 60;
  settings.boost.early_stopping = 10;
  settings.as_of = kChurnAsOf;
  return settings;
}

inline ChurnModel FitChurn(const std::vector<ShardFeatures>& shards, const ChurnFitSettings& settings,
                           uint64_t order_seed = 0) {
  ChurnFitter fitter(settings);
  RunFit(&fitter, shards, order_seed);
  return fitter.result();
}

inline std::string TextOf(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace strata
