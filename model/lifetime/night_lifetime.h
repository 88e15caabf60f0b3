// Everything about lifetime value that a night fits, in rounds that its parts share: purchases (LifetimeFitter, or
// DiscreteFitter for bg_bb and sbg), then covariates and replicates on what that found; spend today and before the
// hold-out, and the margin, beside them. A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <optional>

#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/fitter_group.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/lifetime_fit_settings.h"
#include "model/lifetime/lifetime_fitter.h"
#include "model/lifetime/margin.h"
#include "model/lifetime/spend_fitter.h"

namespace strata {

class NightLifetime {
 public:
  using Group = FitterGroup<LifetimeFitter, SpendFitter, MarginFitter>;
  using Parameters = Group::Parameters;
  using Partial = Group::Partial;

  NightLifetime(LifetimeFitSettings settings, bool spend);

  std::optional<Parameters> Next() const { return group_.Next(); }
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels) {
    return Group::Accumulate(parameters, shard, kernels);
  }
  // The first error of a part.
  absl::Status Absorb(const Partial& merged);

  // Precondition of both: Next() is nullopt. No spend where the job wants none.
  LifetimeModel lifetime() const;
  std::optional<SpendModel> spend() const;

 private:
  // By place in the group.
  enum Part : size_t { kPurchases, kSpend, kMargin };

  LifetimeFitSettings settings_;
  Group group_;
};

}  // namespace strata
