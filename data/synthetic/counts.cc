#include "data/synthetic/counts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace strata {
namespace {

constexpr double kDaysPerWeek = 7;

void AddTo(RateClass* sum, const RateClass& other) {
  sum->customers += other.customers;
  sum->purchases += other.purchases;
  sum->purchase_days += other.purchase_days;
}

template <typename Numbers>
void AddEach(Numbers* sums, const Numbers& others) {
  for (size_t i = 0; i < sums->size(); ++i) (*sums)[i] += others[i];
}

int64_t SumOf(const std::array<int64_t, kDirtyKinds>& dirty, DirtyClass outcome) {
  int64_t sum = 0;
  for (size_t kind = 1; kind < kDirtyKinds; ++kind) {
    if (kDirtyKindInfos[kind].outcome == outcome) sum += dirty[kind];
  }
  return sum;
}

double Share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

void SyntheticCounts::Add(const CustomerTruth& truth) {
  ++customers;
  purchases += truth.purchases;
  purchase_days += truth.purchase_days;
  clean_rows += truth.rows;
  return_rows += truth.return_rows;
  net_cents += truth.net_cents;
  alive += truth.alive ? 1 : 0;
  winding_down += truth.winding_down ? 1 : 0;
  if (!truth.alive) ++left_by_reason[static_cast<size_t>(truth.reason)];
  const RateClass own{.customers = 1, .purchases = truth.purchases, .purchase_days = truth.purchase_days};
  if (groups.size() <= truth.group) groups.resize(truth.group + 1);
  AddTo(&groups[truth.group], own);
  const auto bound = std::upper_bound(kRateClassBounds.begin(), kRateClassBounds.end(), truth.rate_per_week);
  AddTo(&rate_classes[static_cast<size_t>(bound - kRateClassBounds.begin())], own);
}

void SyntheticCounts::Add(const SyntheticCounts& other) {
  customers += other.customers;
  purchases += other.purchases;
  purchase_days += other.purchase_days;
  clean_rows += other.clean_rows;
  return_rows += other.return_rows;
  net_cents += other.net_cents;
  alive += other.alive;
  winding_down += other.winding_down;
  AddEach(&dirty, other.dirty);
  AddEach(&left_by_reason, other.left_by_reason);
  groups.resize(std::max(groups.size(), other.groups.size()));
  for (size_t i = 0; i < other.groups.size(); ++i) AddTo(&groups[i], other.groups[i]);
  for (size_t i = 0; i < rate_classes.size(); ++i) AddTo(&rate_classes[i], other.rate_classes[i]);
}

int64_t SyntheticCounts::dirty_rows() const { return std::accumulate(dirty.begin(), dirty.end(), int64_t{0}); }
int64_t SyntheticCounts::rejected() const { return SumOf(dirty, DirtyClass::kRejected); }
int64_t SyntheticCounts::duplicates() const { return SumOf(dirty, DirtyClass::kDuplicate); }

Merging MergingOf(const SyntheticCounts& counts) {
  const int64_t lost = counts.purchases - counts.purchase_days;
  return {.purchases_lost = Share(lost, counts.purchases),
          .repeats_lost = Share(lost, counts.purchases - counts.customers)};
}

double PurchasesLostAt(double rate_per_week) {
  const double a_day = rate_per_week / kDaysPerWeek;
  return a_day > 0 ? 1 + std::expm1(-a_day) / a_day : 0;
}

}  // namespace strata
