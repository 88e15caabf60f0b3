#include "model/churn/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace strata {
namespace {

struct GroupSum {
  double contribution = 0;
  int strongest_up = -1, strongest_down = -1;  // features; -1: none
};

ChurnReason ReasonOf(size_t group, const GroupSum& sum, std::span<const double> values) {
  const int feature = sum.contribution > 0 ? sum.strongest_up : sum.strongest_down;
  return {.group = static_cast<uint8_t>(group),
          .feature = static_cast<uint8_t>(feature),
          .contribution = static_cast<float>(sum.contribution),
          .value = static_cast<float>(values[static_cast<size_t>(feature)])};
}

// Whole where it is whole, else with about three digits.
std::string NumberText(double value) {
  if (std::fabs(value) >= 100 || value == std::round(value)) return fmt::format("{:.0f}", value);
  return fmt::format("{:.3g}", value);
}

std::string WithUnit(double value, const std::string& unit) {
  return unit.empty() ? NumberText(value) : fmt::format("{} {}", NumberText(value), unit);
}

}  // namespace

std::vector<std::string> GroupsOf(const ChurnPlan& plan) {
  std::vector<std::string> groups;
  for (const ChurnFeature& feature : plan.features) {
    if (std::find(groups.begin(), groups.end(), feature.group) == groups.end()) groups.push_back(feature.group);
  }
  return groups;
}

ReasonFinder::ReasonFinder(const ChurnPlan& plan) {
  const std::vector<std::string> groups = GroupsOf(plan);
  group_count_ = groups.size();
  for (const ChurnFeature& feature : plan.features) {
    const auto found = std::find(groups.begin(), groups.end(), feature.group);
    group_of_.push_back(static_cast<uint8_t>(found - groups.begin()));
  }
}

std::array<ChurnReason, kChurnReasons> ReasonFinder::Find(std::span<const double> contributions,
                                                          std::span<const double> values) const {
  std::array<GroupSum, kNoReasonGroup> sums{};
  for (size_t j = 0; j < group_of_.size(); ++j) {
    GroupSum& sum = sums.at(group_of_[j]);
    const double value = contributions[j];
    sum.contribution += value;
    if (value > 0 && (sum.strongest_up < 0 || value > contributions[static_cast<size_t>(sum.strongest_up)])) {
      sum.strongest_up = static_cast<int>(j);
    }
    if (value < 0 && (sum.strongest_down < 0 || value < contributions[static_cast<size_t>(sum.strongest_down)])) {
      sum.strongest_down = static_cast<int>(j);
    }
  }
  std::array<ChurnReason, kChurnReasons> reasons{};
  std::array<bool, kNoReasonGroup> taken{};
  size_t count = 0;
  for (const double sign : {1.0, -1.0}) {
    const size_t most = sign > 0 ? kChurnReasons : std::min(kChurnReasons, count + 1);
    while (count < most) {
      size_t best = group_count_;
      for (size_t group = 0; group < group_count_; ++group) {
        const double value = sign * sums[group].contribution;
        if (taken[group] || !(value > kReasonLeast)) continue;
        if (best == group_count_ || value > sign * sums[best].contribution) best = group;
      }
      if (best == group_count_) break;
      taken[best] = true;
      reasons[count++] = ReasonOf(best, sums[best], values);
    }
  }
  return reasons;
}

std::string ReasonWords(const ChurnModel& model, const ChurnReason& reason) {
  const std::vector<ChurnFeature>& features = model.plan.features;
  if (!reason.is_there() || reason.feature >= features.size()) return "";
  const ChurnFeature& feature = features[reason.feature];
  if (feature.type == ColumnType::kText) {
    const std::vector<std::vector<std::string>>& levels = model.plan.levels;
    const bool known = !std::isnan(reason.value) && reason.value >= 0 && reason.feature < levels.size() &&
                       static_cast<size_t>(reason.value) < levels[reason.feature].size();
    if (!known) return fmt::format("{} is not known, or seldom met", feature.name);
    return fmt::format("{} is {}", feature.name, levels[reason.feature][static_cast<size_t>(reason.value)]);
  }
  const double value = reason.value;
  if (std::isnan(value)) return fmt::format("{} is not known", feature.name);
  const double usual =
      reason.feature < model.medians.size() ? model.medians[reason.feature] : std::numeric_limits<double>::quiet_NaN();
  const std::string& words = value > usual ? feature.high_words : value < usual ? feature.low_words : feature.name;
  const std::string& said = words.empty() ? feature.name : words;
  if (std::isnan(usual) || NumberText(usual) == NumberText(value)) {
    return fmt::format("{} ({})", said, WithUnit(value, feature.unit));
  }
  return fmt::format("{} ({}, usually {})", said, WithUnit(value, feature.unit), NumberText(usual));
}

}  // namespace strata
