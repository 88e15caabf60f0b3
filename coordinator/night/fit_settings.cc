#include "coordinator/night/fit_settings.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "coordinator/night/churn_settings.h"
#include "coordinator/night/cluster_settings.h"
#include "coordinator/night/lifetime_settings.h"
#include "data/profile/job_profile.h"
#include "model/rfm/rfm_score.h"
#include "run/rfm_grid.h"
#include "run/rfm_window.h"

namespace strata {
namespace {

constexpr char kAnotherRule[] = "cuts of another rule";
constexpr std::string_view kFixedRule = "fixed";  // as FitLifeCycle says it

RfmFitSettings RfmOf(const RfmRules& rules) {
  RfmFitSettings settings;
  settings.scores = rules.scores;
  switch (rules.cuts) {
    case RfmRules::Cuts::kQuantile:
      settings.cuts = RfmFitSettings::Cuts::kQuantile;
      break;
    case RfmRules::Cuts::kFixed:
      settings.cuts = RfmFitSettings::Cuts::kFixed;
      break;
    case RfmRules::Cuts::kNested:
      settings.cuts = RfmFitSettings::Cuts::kNested;
      break;
  }
  settings.fixed = rules.fixed;
  settings.mid_rank = rules.mid_rank;
  settings.windowed = rules.window.kind != RfmWindow::Kind::kAll;
  settings.window = WindowWords(rules.window);
  settings.mean_fm = rules.mean_fm;
  settings.grid = rules.grid;
  if (const auto own = rules.grids.find(rules.grid); own != rules.grids.end()) {
    // The job's reader has compiled it before, so it is fine.
    absl::StatusOr<CompiledGrid> grid = CompileGrid(own->second, rules.scores);
    settings.grid_classes = std::move(grid->classes);
    settings.grid_axes = std::move(grid->axes);
    settings.grid_cells = std::move(grid->cells);
  }
  return settings;
}

// Whether cuts of that model are what these settings would fit on its night.
bool SameRule(const RfmModel& model, const RfmFitSettings& settings) {
  static constexpr const char* kCuts[] = {"quantile", "fixed", "nested"};
  return AxisScores(model) == settings.scores && model.cuts == kCuts[static_cast<size_t>(settings.cuts)] &&
         model.mid_rank == settings.mid_rank && model.windowed == settings.windowed && model.window == settings.window;
}

bool SameRule(const ValueModel& model, const SchemeFitSettings& settings) {
  return model.window_days == settings.window_days && model.a == settings.shares.a && model.b == settings.shares.b &&
         model.d_beyond == settings.shares.d_beyond && model.basis == settings.basis;
}

bool SameRule(const PeerModel& model, const SchemeFitSettings& settings) {
  return model.share == settings.peer_quantile && model.customers_min == settings.peers_min;
}

// Cuts that the job gives are no matter of gaps, and fixed ones none of quantiles.
bool SameRule(const LifeCycleModel& model, const LifeCycleModel& tonight, bool fixed) {
  if (fixed) return model.rule == tonight.rule && model.days == tonight.days;
  return model.rule != kFixedRule && model.gap_days == tonight.gap_days && model.quantiles == tonight.quantiles;
}

LevelRule LevelOf(const LevelCuts& cuts) { return {.quantiles = cuts.quantiles, .fixed = cuts.fixed}; }

class Chooser {
 public:
  Chooser(const Job& job, const FitFacts& facts) : job_(job), facts_(facts) {}

  ChosenFit Choose(const Kernels* kernels) {
    chosen_.settings.kernels = kernels;
    chosen_.settings.seed = job_.seed;
    AddModels();
    if (job_.rfm.has_value()) AddRfm(*job_.rfm);
    if (job_.WantsSchemes()) AddSchemes();
    return std::move(chosen_);
  }

 private:
  void AddModels();
  void AddRfm(const RfmRules& rules);
  void AddSchemes();
  void AddValue(const ValueSettings& value, SchemeFitSettings* schemes);
  void AddLifeCycle(const LifeCycleSettings& settings, SchemeFitSettings* schemes);
  const SchemeModels* Followed() const {
    return facts_.followed != nullptr && facts_.followed->schemes.has_value() ? &*facts_.followed->schemes : nullptr;
  }
  // A first night has nothing to keep; later it is worth a word.
  void WarnOf(const char* key, const char* lacking) {
    if (facts_.followed == nullptr) return;
    chosen_.warnings.push_back(
        fmt::format("{}: frozen, and the followed snapshot has {}: the cuts are fitted tonight", key, lacking));
  }

  const Job& job_;
  const FitFacts& facts_;
  ChosenFit chosen_;
};

void Chooser::AddModels() {
  NightFitSettings& settings = chosen_.settings;
  if (job_.clustering.has_value()) {
    settings.clustering = ClusterSettingsOf(job_, facts_.followed, facts_.as_of, settings.kernels);
  }
  if (job_.lifetime.has_value()) {
    settings.lifetime = LifetimeSettingsOf(job_, facts_);
    std::string unjudged = WhyNoHoldout(*job_.lifetime, facts_.holdout_days);
    if (!unjudged.empty()) chosen_.warnings.push_back(std::move(unjudged));
    settings.spend = job_.lifetime->spend;
    settings.lifetime_horizon_days = job_.lifetime->horizon_days;
    settings.discount_rate_annual = job_.lifetime->discount_rate_annual;
  }
  if (job_.churn.has_value()) settings.churn = ChurnSettingsOf(job_, facts_);
}

void Chooser::AddRfm(const RfmRules& rules) {
  RfmFitSettings& settings = chosen_.settings.rfm.emplace(RfmOf(rules));
  if (rules.refit != Refit::kFrozen) return;
  const bool has_model = facts_.followed != nullptr && facts_.followed->rfm.has_value();
  if (has_model && facts_.followed->rfm->customers > 0 && SameRule(*facts_.followed->rfm, settings)) {
    settings.frozen = facts_.followed->rfm;
  } else {
    WarnOf("models.rfm.refit", has_model ? kAnotherRule : "no RFM");
  }
}

void Chooser::AddValue(const ValueSettings& value, SchemeFitSettings* schemes) {
  schemes->value = true;
  schemes->shares = {.a = value.a, .b = value.b, .d_beyond = value.d_beyond};
  schemes->basis = MarginBasis(job_);
  schemes->window_days = value.window_days;
  schemes->loyalty_up = value.loyalty_up;
  schemes->loyalty_down = value.loyalty_down;
  schemes->stability_up_max = value.stability_up_max;
  schemes->stability_down_min = value.stability_down_min;
  schemes->peer_quantile = value.peer_quantile;
  schemes->peers_min = value.peers_min;
  if (value.refit != Refit::kFrozen) return;
  const SchemeModels* followed = Followed();
  if (followed == nullptr || !followed->value.has_value() || followed->value->positive == 0) {
    WarnOf("models.value.refit", "no value classes");
    return;
  }
  if (!SameRule(*followed->value, *schemes) || (followed->peers.has_value() && !SameRule(*followed->peers, *schemes))) {
    WarnOf("models.value.refit", kAnotherRule);
    return;
  }
  schemes->frozen_value = followed->value;
  schemes->frozen_peers = followed->peers;
}

void Chooser::AddLifeCycle(const LifeCycleSettings& settings, SchemeFitSettings* schemes) {
  schemes->life_cycle = FitLifeCycle(
      facts_.gaps, {.gap_days = settings.gap_days, .quantiles = settings.quantiles, .fixed_days = settings.fixed_days},
      facts_.as_of);
  if (settings.refit != Refit::kFrozen) return;
  const SchemeModels* followed = Followed();
  if (followed != nullptr && followed->life_cycle.has_value()) {
    if (!SameRule(*followed->life_cycle, *schemes->life_cycle, !settings.fixed_days.empty())) {
      WarnOf("models.life_cycle.refit", kAnotherRule);
      return;
    }
    // The gaps are tonight's, the cuts are not.
    schemes->life_cycle->days = followed->life_cycle->days;
    schemes->life_cycle->fitted_as_of = followed->life_cycle->fitted_as_of;
    schemes->life_cycle->rule = followed->life_cycle->rule;
  } else {
    WarnOf("models.life_cycle.refit", "no life-cycle");
  }
}

void Chooser::AddSchemes() {
  SchemeFitSettings& schemes = chosen_.settings.schemes.emplace();
  if (job_.value.has_value()) AddValue(*job_.value, &schemes);
  if (job_.levels.has_value()) {
    schemes.levels = {LevelOf(job_.levels->value), LevelOf(job_.levels->frequency), LevelOf(job_.levels->amount),
                      LevelOf(job_.levels->order), LevelOf(job_.levels->spending)};
  }
  if (job_.life_cycle.has_value()) AddLifeCycle(*job_.life_cycle, &schemes);
}

}  // namespace

bool WantsFollowedModels(const Job& job) {
  const bool keeps_lifetime =
      job.lifetime.has_value() && (job.lifetime->is_auto() || job.lifetime->refit != LifetimeSettings::Refit::kNightly);
  return job.clustering.has_value() || keeps_lifetime || (job.rfm.has_value() && job.rfm->refit == Refit::kFrozen) ||
         (job.value.has_value() && job.value->refit == Refit::kFrozen) ||
         (job.life_cycle.has_value() && job.life_cycle->refit == Refit::kFrozen);
}

ChosenFit ChooseFit(const Job& job, const FitFacts& facts, const Kernels* kernels) {
  return Chooser(job, facts).Choose(kernels);
}

}  // namespace strata
