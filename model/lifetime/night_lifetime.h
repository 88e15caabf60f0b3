// Everything about lifetime value that a night fits, in rounds that its parts share: purchases (LifetimeFitter, or
// DiscreteFitter for bg_bb and sbg), then covariates and replicates on what that found; spend today and before the
// hold-out, and the margin, beside them. A Fitter (model/fitter.h); not thread-safe, its static functions are.
#pragma once

#include <cstddef>
#include <optional>

#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/fitter_group.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/bootstrap_fitter.h"
#include "model/lifetime/covariate_fitter.h"
#include "model/lifetime/discrete_fitter.h"
#include "model/lifetime/lifetime_fit_settings.h"
#include "model/lifetime/lifetime_fitter.h"
#include "model/lifetime/margin.h"
#include "model/lifetime/spend_fitter.h"

namespace strata {

class NightLifetime {
 public:
  using Group = FitterGroup<LifetimeFitter, DiscreteFitter, CovariateFitter, BootstrapFitter, SpendFitter, SpendFitter,
                            MarginFitter>;
  using Parameters = Group::Parameters;
  using Partial = Group::Partial;

  // The kernels are the solver's, and outlive it.
  NightLifetime(LifetimeFitSettings settings, bool spend, const Kernels& kernels = WidestKernels());

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
  enum Part : size_t { kPurchases, kDiscrete, kCovariates, kBootstrap, kSpend, kHoldoutSpend, kMargin };

  // The model of the purchases once their rounds are over, and what is fitted on top of it.
  void TakePurchases();

  LifetimeFitSettings settings_;
  Group group_;
  std::optional<LifetimeRefitDecision> discrete_;  // of a discrete kind
  std::optional<LifetimeModel> model_;             // absent until the purchases' rounds are over
};

}  // namespace strata
