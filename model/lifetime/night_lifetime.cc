#include "model/lifetime/night_lifetime.h"

#include <utility>

namespace strata {

static_assert(Fitter<NightLifetime>);

NightLifetime::NightLifetime(LifetimeFitSettings settings, bool spend) : settings_(std::move(settings)) {
  group_.member<kPurchases>().emplace(settings_, LifetimeFitter::View::kToday);
  if (spend) group_.member<kSpend>().emplace();
  if (!settings_.margin_basis.empty()) group_.member<kMargin>().emplace();
}

absl::Status NightLifetime::Absorb(const Partial& merged) { return group_.Absorb(merged); }

LifetimeModel NightLifetime::lifetime() const {
  LifetimeModel model = group_.member<kPurchases>()->result();
  if (const auto& margin = group_.member<kMargin>(); margin.has_value()) {
    model.margin = margin->result();
    model.margin.basis = settings_.margin_basis;
  }
  return model;
}

std::optional<SpendModel> NightLifetime::spend() const {
  const auto& spend = group_.member<kSpend>();
  return spend.has_value() ? std::optional(spend->result()) : std::nullopt;
}

}  // namespace strata
