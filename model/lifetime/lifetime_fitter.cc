#include "model/lifetime/lifetime_fitter.h"

#include "model/lifetime/bg_nbd_fit.h"

namespace strata {

static_assert(Fitter<LifetimeFitter>);

LifetimeFitter::LifetimeFitter(double time_unit_days, View view) : view_(view) {
  result_.time_unit_days = time_unit_days;
}

std::optional<LifetimeFitter::Parameters> LifetimeFitter::Next() const {
  if (done_) return std::nullopt;
  return Parameters{.view = view_};
}

LifetimeFitter::Partial LifetimeFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard,
                                                   const Kernels&) {
  return PurchaseTable::Of(parameters.view == View::kChurnTest ? shard.churn_test : shard.today);
}

absl::Status LifetimeFitter::Absorb(const Partial& merged) {
  if (done_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the lifetime fit has no further round");
  }
  absl::StatusOr<std::vector<PurchaseRow>> rows = merged.Rows();
  if (!rows.ok()) return WithContext(rows.status(), "lifetime fit");
  result_ = FitBgNbd(*std::move(rows), result_.time_unit_days);
  done_ = true;
  return absl::OkStatus();
}

}  // namespace strata
