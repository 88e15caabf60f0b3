#include "model/lifetime/night_lifetime.h"

#include <string>
#include <utility>

#include "model/lifetime/judge.h"

namespace strata {

static_assert(Fitter<NightLifetime>);

NightLifetime::NightLifetime(LifetimeFitSettings settings, bool spend, const Kernels& kernels)
    : settings_(std::move(settings)) {
  if (settings_.kind.has_value() && IsDiscrete(*settings_.kind)) {
    discrete_ = DecideLifetimeRefit(settings_, *settings_.kind, std::nullopt);
    if (!discrete_->keep) {
      group_.member<kDiscrete>().emplace(*settings_.kind, FitOptions{.prior = PriorOf(settings_, *settings_.kind)});
    }
    TakePurchases();
  } else {
    group_.member<kPurchases>().emplace(settings_, LifetimeFitter::View::kToday);
  }
  if (spend) group_.member<kSpend>().emplace(SpendFitter::View::kToday, kernels);
  if (spend && settings_.holdout_days > 0) {
    group_.member<kHoldoutSpend>().emplace(SpendFitter::View::kHoldout, kernels);
  }
  if (!settings_.margin_basis.empty()) group_.member<kMargin>().emplace(settings_.margin_basis);
}

absl::Status NightLifetime::Absorb(const Partial& merged) {
  STRATA_RETURN_IF_ERROR(group_.Absorb(merged));
  if (!model_.has_value()) TakePurchases();
  return absl::OkStatus();
}

void NightLifetime::TakePurchases() {
  const auto& purchases = group_.member<kPurchases>();
  const auto& discrete = group_.member<kDiscrete>();
  if (purchases.has_value()) {
    if (purchases->Next().has_value()) return;
    model_ = purchases->result();
  } else if (discrete.has_value()) {
    if (discrete->Next().has_value()) return;
    model_ = ModelOf(settings_, discrete->result());
  } else {
    model_ = Kept(settings_);
  }
  if (discrete_.has_value()) DescribeNight(settings_, *discrete_, &*model_);
  if (!model_->refit || !model_->fit.fitted) return;
  if (settings_.covariates.has_value()) {
    group_.member<kCovariates>().emplace(
        CovariateFitter::Settings{.covariates = *settings_.covariates,
                                  .without = model_->fit,
                                  .time_unit_days = settings_.time_unit_days,
                                  .prior = PriorOf(settings_, model_->fit.parameters.kind)});
  }
  if (settings_.bootstrap > 0) {
    group_.member<kBootstrap>().emplace(BootstrapFitter::Settings{.fit = model_->fit,
                                                                  .time_unit_days = settings_.time_unit_days,
                                                                  .prior = PriorOf(settings_, model_->fit.asked),
                                                                  .seed = settings_.seed,
                                                                  .replicates = settings_.bootstrap});
  }
}

LifetimeModel NightLifetime::lifetime() const {
  LifetimeModel model = *model_;
  if (const auto& covariates = group_.member<kCovariates>(); covariates.has_value()) {
    model.covariates = covariates->result();
    const CovariateFit& fit = model.covariates->fit;
    model.warnings.insert(model.warnings.end(), fit.warnings.begin(), fit.warnings.end());
    if (!fit.fitted) model.warnings.push_back("scores are those without covariates: " + fit.reason);
  }
  if (const auto& bootstrap = group_.member<kBootstrap>(); bootstrap.has_value()) {
    model.bootstrap = bootstrap->result();
    model.bootstrap_asked = settings_.bootstrap;
    if (const std::string warning = bootstrap->warning(); !warning.empty()) model.warnings.push_back(warning);
  }
  if (const auto& spend = group_.member<kHoldoutSpend>(); spend.has_value() && model.holdout.has_value()) {
    model.holdout->spend = HoldoutSpendOf(spend->result());
  }
  if (const auto& margin = group_.member<kMargin>(); margin.has_value()) model.margin = margin->result();
  return model;
}

std::optional<SpendModel> NightLifetime::spend() const {
  const auto& spend = group_.member<kSpend>();
  return spend.has_value() ? std::optional(spend->result()) : std::nullopt;
}

}  // namespace strata
