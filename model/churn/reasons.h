// Why a customer's risk is what it is, in a few words. Features belong to named groups (ChurnFeature::group), since
// people act on "buys less often" and not on one of seven counts of purchases. A group's contribution is the sum of its
// features' SHAP values in log-odds; the reason shows it with its strongest feature: the one with the greatest
// contribution of the group's own sign.
//
// Of the logistic model a feature's contribution is the sum over its columns of coefficient * (standardised value), as
// the mean of a standardised column is 0: the SHAP value of a linear model with independent features. Pure functions;
// thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/churn/churn_model.h"
#include "model/churn/churn_reason.h"

namespace strata {

// A group that moves a margin by less, about one percentage point of a probability, is no reason.
inline constexpr double kReasonLeast = 0.05;

// The groups of a plan in the order of their first features: what ChurnReason::group counts.
std::vector<std::string> GroupsOf(const ChurnPlan& plan);

// Makes the reasons of customers of one plan. Immutable; thread-safe. The plan must outlive it.
class ReasonFinder {
 public:
  explicit ReasonFinder(const ChurnPlan& plan);

  size_t groups() const { return group_count_; }
  // `contributions` and `values` by feature of the plan: log-odds, and the value in the feature's unit (of a category
  // the code of its level; NaN where missing). At most kChurnReasons: the groups that raise the risk by more than
  // kReasonLeast, the strongest first, then, where there is room, the one that lowers it most. Ties: the group that
  // comes first. What is left over has no group.
  std::array<ChurnReason, kChurnReasons> Find(std::span<const double> contributions,
                                              std::span<const double> values) const;

 private:
  size_t group_count_ = 0;
  std::vector<uint8_t> group_of_;  // by feature
};

// "has not bought for long (74 days, usually 12)": the feature's own words where its value is above or below the usual
// one (model.medians, in the feature's unit), else its name; then the value, without the usual one where that is not
// known or no different. "" where there is no reason.
std::string ReasonWords(const ChurnModel& model, const ChurnReason& reason);

}  // namespace strata
