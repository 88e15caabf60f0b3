// The times by which a purchase is to be expected (TimeToPurchase, forecast.h), for many customers: several levels at
// once, from the odds and the shares of hits that scoring knows already, by Newton's method on the closed form of the
// distribution of the next purchase. The same times to 1e-9. Pure, thread-safe.
#pragma once

#include <optional>
#include <span>

#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

// `never` is P(no purchase ever | alive at T); `hits` the k shares of HitWeights. Preconditions: probabilities of
// levels, ascending; not kBgBb or kSbg; as many times as levels.
void TimesToPurchase(const LifetimeParameters& at, const PurchaseHistory& history, const AliveOdds& odds, double never,
                     std::span<const double> hits, std::span<const double> levels,
                     std::span<std::optional<double>> times);

}  // namespace strata
