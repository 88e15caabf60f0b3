#include "model/lifetime/bg_nbd_likelihood.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <span>

#include "model/lifetime/bg_nbd_sums.h"

namespace strata {
namespace {

constexpr size_t kRowsPerBlock = 1024;  // short sums of sums round less than one long sum

BgNbdSums SumOf(const BgNbdParameters& model, const std::vector<BgNbdSums::Time>& times,
                std::span<const PurchaseRow> rows) {
  BgNbdSums sum;
  BgNbdSums::Odds odds{};
  int32_t odds_x = 0;
  for (const PurchaseRow& row : rows) {
    const auto count = static_cast<double>(row.customers);
    const BgNbdSums::Time& now = times[static_cast<size_t>(row.T_days)];
    if (row.x == 0) {
      sum.AddOneTimeBuyers(model, now, count);
      continue;
    }
    if (row.x != odds_x) {
      odds = BgNbdSums::OddsOf(model, row.x);
      odds_x = row.x;
    }
    sum.AddRepeatBuyers(odds, times[static_cast<size_t>(row.t_x_days)], now, count);
  }
  return sum;
}

}  // namespace

BgNbdLikelihood::BgNbdLikelihood(std::vector<PurchaseRow> rows, double time_unit_days)
    : rows_(std::move(rows)), time_unit_days_(time_unit_days) {
  for (const PurchaseRow& row : rows_) {
    customers_ += row.customers;
    repeat_purchases_ += static_cast<double>(row.customers) * row.x;
    time_ += static_cast<double>(row.customers) * (row.T_days / time_unit_days_);
    days_max_ = std::max(days_max_, row.T_days);
  }
  buyers_beyond_.assign(rows_.empty() ? 0 : static_cast<size_t>(rows_.back().x), 0);
  for (const PurchaseRow& row : rows_) {
    if (row.x > 0) buyers_beyond_[static_cast<size_t>(row.x) - 1] += row.customers;
  }
  for (size_t j = buyers_beyond_.size(); j-- > 1;) buyers_beyond_[j - 1] += buyers_beyond_[j];
}

Derivatives<4> BgNbdLikelihood::Evaluate(const BgNbdParameters& model) const {
  std::vector<BgNbdSums::Time> times;
  times.reserve(static_cast<size_t>(days_max_) + 1);
  for (int32_t day = 0; day <= days_max_; ++day) times.push_back(BgNbdSums::TimeOf(model, day / time_unit_days_));

  BgNbdSums total;
  total.AddConstants(model, static_cast<double>(customers_));
  for (size_t j = 0; j < buyers_beyond_.size(); ++j) {
    total.AddPurchase(model, static_cast<double>(j), static_cast<double>(buyers_beyond_[j]));
  }
  const size_t blocks = (rows_.size() + kRowsPerBlock - 1) / kRowsPerBlock;
  std::vector<BgNbdSums> sums(blocks);
  tbb::parallel_for(size_t{0}, blocks, [&](size_t block) {
    const size_t begin = block * kRowsPerBlock;
    const size_t count = std::min(kRowsPerBlock, rows_.size() - begin);
    sums[block] = SumOf(model, times, std::span(rows_).subspan(begin, count));
  });
  for (const BgNbdSums& block : sums) total += block;  // in their order, whichever thread made them
  return total.InLogParameters(model);
}

}  // namespace strata
