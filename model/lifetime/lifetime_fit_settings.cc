#include "model/lifetime/lifetime_fit_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace strata {
namespace {

// Whether the prior of tonight gives the kept parameters what theirs gave them.
bool SamePrior(const LifetimeFitSettings& settings, const LifetimeFit& fit) {
  Derivatives<4> prior;
  PriorOf(settings, fit.asked).AddTo(fit.parameters, &prior);
  const double then = fit.log_posterior - fit.log_likelihood;
  // Both are differences of numbers of this size.
  return std::fabs(prior.value - then) <= 1e-12 * std::max(1.0, std::fabs(fit.log_likelihood));
}

// By what was asked, not by what came of it: columns without a trait, and effects that a kind does not have, leave
// none.
bool SameCovariates(const LifetimeFitSettings& settings, const LifetimeModel& model) {
  if (settings.covariates.has_value() != model.covariates.has_value()) return false;
  return !settings.covariates.has_value() || *settings.covariates == model.covariates->asked;
}

// Where the job asks for replicates, it means as many and of the same seed; where it does not, any will do, unused.
std::string WhyNotReplicates(const LifetimeFitSettings& settings, const LifetimeModel& last) {
  if (settings.bootstrap == 0) return "";
  if (last.bootstrap_asked == 0) return "the earlier one has no replicates";
  if (settings.bootstrap != last.bootstrap_asked) {
    return fmt::format("the earlier one has {} replicates", last.bootstrap_asked);
  }
  return settings.seed == last.draw_seed ? "" : "the earlier one's replicates are of another seed";
}

// Empty: the parameters can be kept.
std::string WhyNotKept(const LifetimeFitSettings& settings, LifetimeKind kind, std::optional<int> k) {
  if (settings.last == nullptr) return "there is no earlier fit";
  const LifetimeModel& last = *settings.last;
  if (!last.fit.fitted) return fmt::format("the earlier one was not fitted ({})", last.fit.reason);
  if (last.fit.asked != kind) return fmt::format("the earlier model is {}", Name(last.fit.asked));
  if (k.has_value() && IsRegular(last.fit.parameters.kind) && last.fit.parameters.k != *k) {
    return fmt::format("the earlier model has k = {}", last.fit.parameters.k);
  }
  if (last.time_unit_days != settings.time_unit_days) return "the earlier one is in another time unit";
  if (!SamePrior(settings, last.fit)) return "the earlier one has another prior";
  if (!SameCovariates(settings, last)) return "the earlier one has other covariates";
  return WhyNotReplicates(settings, last);
}

}  // namespace

LogPrior PriorOf(const LifetimeFitSettings& settings, LifetimeKind kind) {
  LogPrior prior;
  const auto names = ParameterNames(kind);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto found = settings.prior.find(names[i]);
    if (found == settings.prior.end()) continue;
    prior.by_parameter[i] = {.median = found->second.first, .factor = found->second.second};
  }
  return prior;
}

bool IsDiscrete(LifetimeKind kind) { return kind == LifetimeKind::kBgBb || kind == LifetimeKind::kSbg; }

LifetimeRefitDecision DecideLifetimeRefit(const LifetimeFitSettings& settings, LifetimeKind kind,
                                          std::optional<int> k) {
  const LifetimeRefit& refit = settings.refit;
  if (!refit.frozen && refit.days <= 1) return {.keep = false, .words = "fitted every night"};
  if (const std::string why = WhyNotKept(settings, kind, k); !why.empty()) {
    return {.keep = false, .words = "fitted tonight: " + why, .surprising = refit.frozen && settings.last != nullptr};
  }
  if (refit.frozen) return {.keep = true, .words = "kept: frozen"};
  const int age = settings.as_of - settings.last->fitted_as_of;
  if (age >= 0 && age < refit.days) {
    return {.keep = true, .words = fmt::format("kept: {} days old, fitted every {} days", age, refit.days)};
  }
  return {.keep = false, .words = fmt::format("fitted tonight: every {} days", refit.days)};
}

LifetimeModel Kept(const LifetimeFitSettings& settings) {
  const LifetimeModel& last = *settings.last;
  LifetimeModel model;
  model.time_unit_days = last.time_unit_days;
  model.fit = last.fit;
  model.covariates = last.covariates;
  if (settings.bootstrap > 0) {
    model.bootstrap = last.bootstrap;
    model.bootstrap_asked = last.bootstrap_asked;
  }
  model.fitted_as_of = last.fitted_as_of;
  model.refit = false;
  return model;
}

void DescribeNight(const LifetimeFitSettings& settings, const LifetimeRefitDecision& decision, LifetimeModel* model) {
  model->refit_reason = decision.words;
  if (decision.surprising) model->warnings.push_back("models.lifetime.refit is frozen, but " + decision.words);
  model->interval_level = settings.interval.value_or(0);
  model->draw_seed = settings.seed;
  model->horizon_periods = settings.horizon_periods;
  if (settings.horizon_periods == 0) {
    model->warnings.push_back(
        "models.lifetime.horizon_days holds no whole period after the date, so that nothing is expected within it: "
        "scores need a longer horizon or shorter periods");
  }
  if (settings.history == nullptr) return;
  model->history = *settings.history;
  if (IsDiscrete(model->fit.asked)) return;  // a day's purchases are in one opportunity anyway
  model->merged_share = settings.history->MergedShare();
  model->merged_is_bound = !settings.history->purchases_are_orders;
  if (!model->merged_share.has_value() || *model->merged_share <= kMergedShareMax) return;
  model->warnings.push_back(fmt::format(
      "{}{:.1f} % of purchases fell on a day with another one of the same customer and count once, which biases the "
      "parameters (docs/models.md)",
      model->merged_is_bound ? "up to " : "", 100 * *model->merged_share));
}

LifetimeModel ModelOf(const LifetimeFitSettings& settings, LifetimeFit fit) {
  LifetimeModel model;
  model.time_unit_days = settings.time_unit_days;
  model.fit = std::move(fit);
  model.fitted_as_of = settings.as_of;
  return model;
}

}  // namespace strata
