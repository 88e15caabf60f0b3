#include "data/reports/lifetime_holdout_shard.h"

#include "model/lifetime/spend_distribution.h"

namespace strata {

HoldoutShard::HoldoutShard(const ReportShard& shard) {
  const auto& lifetime = shard.models->lifetime;
  if (shard.holdout == nullptr || !lifetime.has_value()) return;
  if (!lifetime->holdout.has_value() || !lifetime->holdout->reason.empty()) return;
  judged_ = &*lifetime->holdout;
  then_ = shard.holdout;
  time_unit_days_ = lifetime->time_unit_days;
  const HoldoutSpend& spend = judged_->spend;
  population_spend_ = spend.population_mean;
  if (!spend.fitted) return;
  spend_ = {.p = spend.p, .q = spend.q, .v = spend.v};
  population_spend_ = spend.q > 1 ? PopulationSpend(spend_) : PopulationMedianSpend(spend_);
}

PurchaseHistory HoldoutShard::HistoryOf(size_t row) const {
  const CustomerColumns& then = *then_;
  return {.x = then.purchase_days[row] - 1,
          .t_x = (then.last_day[row] - then.first_day[row]) / time_unit_days_,
          .T = (then.as_of - then.first_day[row]) / time_unit_days_};
}

double HoldoutShard::MeanSpend(size_t row) const {
  constexpr double kMicros = 1e6;
  const int32_t x = then_->purchase_days[row] - 1;
  const int64_t net = then_->repeat_net_micros[row];
  return x > 0 && net > 0 ? static_cast<double>(net) / (kMicros * x) : 0;
}

double HoldoutShard::ExpectedSpendOf(size_t row) const {
  const int32_t x = then_->purchase_days[row] - 1;
  const double mean = MeanSpend(row);
  if (!judged_->spend.fitted || mean == 0 || spend_.p * x + spend_.q <= 1) return population_spend_;
  return ExpectedSpend(spend_, x, mean);
}

bool HoldoutShard::knows_spend() const { return judged_->spend.fitted || population_spend_ > 0; }

}  // namespace strata
