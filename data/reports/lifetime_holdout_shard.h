// The customers of a shard as of the beginning of the hold-out, with what the model said of each then and what they
// did. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/reports/report.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/gamma_gamma.h"

namespace strata {

class HoldoutShard {
 public:
  // False: no hold-out was judged, or the shard has no columns of one; then nothing else may be asked. The shard and
  // what it points to outlive this.
  explicit HoldoutShard(const ReportShard& shard);
  explicit operator bool() const { return judged_ != nullptr; }

  size_t size() const { return then_->size(); }
  bool IsIn(size_t row) const { return then_->purchase_days[row] > 0; }  // a customer by then

  const HoldoutJudgement& judged() const { return *judged_; }
  const CustomerColumns& then() const { return *then_; }
  // In the model's time unit.
  PurchaseHistory HistoryOf(size_t row) const;
  double horizon() const { return judged_->days / time_unit_days_; }

  // Of repeat purchases, currency; 0: none, or it is not positive, so that the population's spend stands in.
  double MeanSpend(size_t row) const;
  // Per purchase day, currency. Where the mean is infinite, the population's median.
  double ExpectedSpendOf(size_t row) const;
  bool knows_spend() const;

 private:
  const HoldoutJudgement* judged_ = nullptr;
  const CustomerColumns* then_ = nullptr;
  double time_unit_days_ = 1;
  GammaGammaParameters spend_;
  double population_spend_ = 0;
};

}  // namespace strata
