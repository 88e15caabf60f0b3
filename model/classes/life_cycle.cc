#include "model/classes/life_cycle.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/column_type.h"
#include "base/int128.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr std::array<int64_t, 3> kUsualDays = {90, 180, 365};
constexpr int64_t kOne = 1'000'000;  // millionths

int64_t QuantileOf(const std::vector<int64_t>& counts, int64_t total, int64_t share) {
  const Int128 product = static_cast<Int128>(total) * share;
  int64_t rank = std::max<int64_t>(1, static_cast<int64_t>((product + kOne - 1) / kOne));
  size_t i = 0;
  while (i + 1 < counts.size() && counts[i] < rank) rank -= counts[i++];
  return static_cast<int64_t>(i) + 1;
}

}  // namespace

void GapStatistics::Add(std::span<const Day> purchase_days, Day as_of, int gap_days) {
  for (size_t i = 0; i < purchase_days.size() && purchase_days[i] <= as_of - gap_days; ++i) {
    ++opened;
    if (i + 1 == purchase_days.size()) continue;
    const int length = purchase_days[i + 1] - purchase_days[i];
    if (length > gap_days) continue;
    const auto place = static_cast<size_t>(length - 1);
    if (closed.size() <= place) closed.resize(place + 1);
    ++closed[place];
  }
}

void GapStatistics::Merge(const GapStatistics& other) {
  AddInto(&closed, other.closed);
  opened += other.opened;
}

void GapStatistics::Encode(ByteWriter* writer) const {
  writer->I64(opened);
  writer->Array(closed);
}

GapStatistics GapStatistics::Decode(ByteReader* reader) {
  GapStatistics statistics;
  statistics.opened = reader->I64();
  statistics.closed = reader->Array<int64_t>();
  return statistics;
}

LifeCycleModel FitLifeCycle(const GapStatistics& gaps, const LifeCycleRules& rules, Day as_of) {
  LifeCycleModel model;
  model.fitted_as_of = as_of;
  model.gap_days = rules.gap_days;
  model.quantiles = rules.quantiles;
  model.opened = gaps.opened;
  model.closed = std::accumulate(gaps.closed.begin(), gaps.closed.end(), int64_t{0});
  if (!rules.fixed_days.empty()) {
    std::copy(rules.fixed_days.begin(), rules.fixed_days.end(), model.days.begin());
    model.rule = "fixed";
  } else if (model.closed < kClosedGapsMin) {
    model.days = kUsualDays;
    model.rule = fmt::format("only {} gaps between purchases closed within {} days, {} are needed: 90, 180, 365 days",
                             model.closed, rules.gap_days, kClosedGapsMin);
  } else {
    for (size_t i = 0; i < model.days.size(); ++i) {
      model.days[i] = QuantileOf(gaps.closed, model.closed, rules.quantiles[i]);
    }
    model.rule = "quantiles";
  }
  return model;
}

uint8_t LifeCycleOf(const LifeCycleModel& model, Day as_of, int64_t purchase_days, Day first_day, Day last_day,
                    int64_t last_gap_days) {
  if (purchase_days <= 0) return kCyclePotential;
  const int64_t silent = int64_t{as_of} - last_day;
  if (silent > model.days[2]) return kCycleLost;
  if (silent > model.days[1]) return kCycleDormant;
  if (silent > model.days[0]) return kCycleAtRisk;
  if (int64_t{as_of} - first_day <= model.days[0]) return kCycleNew;
  return last_gap_days != kNoWhole && last_gap_days > model.days[1] ? kCycleReturning : kCycleActive;
}

}  // namespace strata
