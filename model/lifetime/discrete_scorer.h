// What BG/BB and the shifted-beta-geometric model say of customers: the part of LifetimeScorer (value.h) for the kinds
// whose histories are counted in opportunities or periods and read from the profile. Every distinct history is forecast
// once, directly, and at every draw of the parameters: there are few of them, the same ones in every shard.
//
// Immutable but for outlooks that are kept by history, which never changes a result; thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/lifetime/fit_scorer.h"
#include "model/lifetime/lifetime_fit.h"

namespace strata {

class DiscreteScorer {
 public:
  // Preconditions: fit.fitted; kBgBb or kSbg. A time unit is an opportunity or a period.
  DiscreteScorer(const LifetimeFit& fit, const FitScorerSettings& settings);

  // Calls take(row, numbers) for every customer with a history: for BG/BB with a purchase day too. Numbers that the
  // model does not know are NaN. INTERNAL (PROFILE_COLUMN): the profile lacks a column of the model.
  absl::Status Score(const CustomerColumns& at, const ColumnSet* profile,
                     const std::function<void(size_t, const HistoryScore&)>& take) const;
  absl::Status Outlook(const CustomerColumns& at, const ColumnSet* profile,
                       const std::function<void(size_t, const HistoryOutlook&)>& take) const;

 private:
  // In opportunities: x, t_x, T; of contracts: 0, whether it ended, periods.
  using History = HistoryDays;

  absl::Status ForEachHistory(const CustomerColumns& at, const ColumnSet* profile,
                              const std::function<void(const History&, std::span<const uint32_t>)>& visit) const;
  HistoryScore ScoreOf(const LifetimeParameters& at, const History& history) const;
  std::shared_ptr<const HistoryOutlook> KeptOutlook(const History& history, Day as_of) const;
  void OutlookOf(const History& history, Day as_of, HistoryOutlook* out) const;
  void TakeOpportunities(const History& history, Day as_of, HistoryOutlook* out) const;

  LifetimeParameters at_;
  double time_unit_days_;
  double horizon_;  // whole opportunities or periods
  double rate_;     // of discount, per opportunity or period
  double level_;
  std::vector<LifetimeParameters> draws_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<Day, History>, std::shared_ptr<const HistoryOutlook>> kept_;
};

}  // namespace strata
