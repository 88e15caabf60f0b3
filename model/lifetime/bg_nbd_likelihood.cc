#include "model/lifetime/bg_nbd_likelihood.h"

#include <algorithm>

#include "model/lifetime/bg_nbd_sums.h"

namespace strata {
namespace {

constexpr size_t kRowsPerBlock = 1024;  // short sums of sums round less than one long sum

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
  BgNbdSums::Odds odds{};
  int32_t odds_x = 0;
  for (size_t begin = 0; begin < rows_.size(); begin += kRowsPerBlock) {
    BgNbdSums block;
    const size_t end = std::min(begin + kRowsPerBlock, rows_.size());
    for (size_t i = begin; i < end; ++i) {
      const PurchaseRow& row = rows_[i];
      const auto count = static_cast<double>(row.customers);
      const BgNbdSums::Time& now = times[static_cast<size_t>(row.T_days)];
      if (row.x == 0) {
        block.AddOneTimeBuyers(model, now, count);
        continue;
      }
      if (row.x != odds_x) {
        odds = BgNbdSums::OddsOf(model, row.x);
        odds_x = row.x;
      }
      block.AddRepeatBuyers(odds, times[static_cast<size_t>(row.t_x_days)], now, count);
    }
    total += block;
  }
  return total.InLogParameters(model);
}

}  // namespace strata
