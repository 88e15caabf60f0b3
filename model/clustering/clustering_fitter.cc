#include "model/clustering/clustering_fitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/clustering/category_price.h"
#include "model/clustering/fitted_clusters.h"
#include "model/clustering/partial_shapes.h"
#include "model/statistics/shard_error.h"

namespace strata {
namespace {

GridSample OnGrid(const ClusterSpace& space, SampleGrid sample) {
  return {.d = static_cast<uint32_t>(space.d()),
          .categories = static_cast<uint32_t>(space.categories.size()),
          .hash = std::move(sample.hash),
          .q = std::move(sample.q),
          .codes = std::move(sample.codes),
          .weights = std::move(sample.weights)};
}

}  // namespace

ClusteringFitter::ClusteringFitter(const ClusterFitSettings& settings) : settings_(settings) {
  model_.settings_checksum = settings.Checksum();
  model_.fitted_as_of = settings.as_of;
  model_.trim = settings.trim;
  if (settings.last != nullptr) model_.last_id = settings.last->last_id;
  if (Follows()) {
    stage_ = Stage::kDrift;
    placement_ = PlacementOf(*settings.last);
  } else {
    model_.refit = DecideRefit(settings.refit, settings.last.get(), true, {}, {}, settings.as_of);
    StartSpace();
  }
}

std::optional<ClusteringFitter::Parameters> ClusteringFitter::Next() const {
  Parameters parameters;
  switch (stage_) {
    case Stage::kDrift:
      parameters.drift = placement_;
      break;
    case Stage::kSpace:
      parameters.space = finder_->Next();
      break;
    case Stage::kTrials:
      parameters.trials = trials_;
      break;
    case Stage::kSeeding:
      parameters.seeding = SeedingRequest{
          .space = model_.space, .oversample = oversample_, .candidates = candidates_, .gamma = model_.gamma};
      break;
    case Stage::kLloyd: {
      LloydRequest& lloyd = parameters.lloyd.emplace();
      lloyd.space = model_.space;
      for (const auto& [number, run] : runs_) lloyd.runs[number] = run.next();
      break;
    }
    case Stage::kConfirm: {
      ConfirmRequest& confirm = parameters.confirm.emplace();
      confirm.placement = placement_;
      if (!Follows()) break;
      for (const FittedCluster& cluster : settings_.last->clusters) confirm.last_ids.push_back(cluster.id);
      break;
    }
    case Stage::kQuality:
      parameters.quality = QualityRequest{.placement = placement_, .totals = totals_};
      break;
    case Stage::kDone:
      return std::nullopt;
  }
  return parameters;
}

absl::Status ClusteringFitter::Absorb(const Partial& merged) {
  if (stage_ == Stage::kDrift && merged.drift.has_value()) return AbsorbDrift(*merged.drift);
  if (stage_ == Stage::kSpace && merged.space.has_value()) return AbsorbSpace(*merged.space);
  if (stage_ == Stage::kTrials && merged.trials.has_value()) return AbsorbTrials(*merged.trials);
  if (stage_ == Stage::kSeeding && merged.seeding.has_value()) return AbsorbSeeding(*merged.seeding);
  if (stage_ == Stage::kLloyd && merged.lloyd.has_value()) return AbsorbLloyd(*merged.lloyd);
  if (stage_ == Stage::kConfirm && merged.confirm.has_value()) return AbsorbConfirm(*merged.confirm);
  if (stage_ == Stage::kQuality && merged.quality.has_value()) return AbsorbQuality(*merged.quality);
  return PartialMismatch(stage_ == Stage::kDone ? "the fit is done" : "it is of another stage");
}

absl::Status ClusteringFitter::AbsorbDrift(const DriftPartial& merged) {
  const bool same_settings = settings_.last->settings_checksum == model_.settings_checksum;
  // A column of the last model that is gone is no error where the job does not ask for it any more.
  if (same_settings) STRATA_RETURN_IF_ERROR(StatusOfShardError(merged.error));
  if (merged.error.empty()) {
    STRATA_RETURN_IF_ERROR(CheckDrift(*settings_.last, merged));
    model_.drift = DriftOf(*settings_.last, merged);
    model_.inertia_ratio = InertiaRatio(*settings_.last, merged);
  } else {
    model_.warnings.push_back("drift: the features of the followed clusters are not there any more");
  }
  model_.refit =
      DecideRefit(settings_.refit, settings_.last.get(), same_settings, merged, model_.drift, settings_.as_of);
  if (model_.refit.refit) {
    StartSpace();
  } else {
    Keep();
  }
  return absl::OkStatus();
}

void ClusteringFitter::Keep() {
  ClusteringModel kept = *settings_.last;
  kept.drift = std::move(model_.drift);
  kept.inertia_ratio = model_.inertia_ratio;
  kept.refit = std::move(model_.refit);
  kept.warnings = std::move(model_.warnings);
  model_ = std::move(kept);
  stage_ = Stage::kConfirm;
}

void ClusteringFitter::StartSpace() {
  finder_.emplace(settings_.features.empty() ? DefaultClusterFeatures() : settings_.features, settings_.weight,
                  settings_.sample, settings_.seed, settings_.kernels);
  stage_ = Stage::kSpace;
}

absl::Status ClusteringFitter::AbsorbSpace(const SpacePartial& merged) {
  STRATA_RETURN_IF_ERROR(finder_->Absorb(merged));
  if (finder_->Next().has_value()) return absl::OkStatus();
  model_.space = finder_->space();
  model_.customers = finder_->customers();
  model_.warnings.insert(model_.warnings.end(), finder_->warnings().begin(), finder_->warnings().end());
  model_.reason = finder_->reason();
  if (model_.reason.empty()) {
    StartTrials();
  } else {
    stage_ = Stage::kDone;
  }
  return absl::OkStatus();
}

void ClusteringFitter::StartTrials() {
  TrialSettings& trials = trials_.settings;
  trials.compare = !settings_.k.has_value() || settings_.all_trials;
  trials.k_last = settings_.k.has_value() ? *settings_.k : settings_.k_max;
  if (trials.compare) trials.k_last = std::max(trials.k_last, settings_.k_max);
  trials.k_first = trials.compare ? 1 : trials.k_last;
  trials.references = settings_.references;
  trials.starts = settings_.starts;
  trials.iterations_max = settings_.iterations_max;
  trials.trim = settings_.trim;
  trials.seed = settings_.seed;
  const GridSample sample = OnGrid(model_.space, finder_->Sample());
  model_.gamma = MismatchPrice(model_.space, sample, settings_.gamma, settings_.gamma_huang);
  trials.gamma = model_.gamma;
  trials_.sample = sample.First(TrialRows(trials, sample.size()));
  if (std::count(trials_.sample.weights.begin(), trials_.sample.weights.end(), 0) ==
          static_cast<std::ptrdiff_t>(trials_.sample.size()) &&
      trials_.sample.size() > 0) {
    model_.reason = fmt::format("none of the {} customers of the sample has a weight that counts", sample.size());
    stage_ = Stage::kDone;
    return;
  }
  trials_.normal = ReferenceNormal::Of(trials_.sample);
  if (Follows()) trials_.last = CentreSet(CentresInSpace(*settings_.last, model_.space), model_.gamma);
  trials_.first_unit = 0;
  trials_.end_unit = static_cast<uint32_t>(TrialUnits(trials).size());
  // References are like the customers that are not outliers, whom the fit of the data tells.
  if (trials.compare && trials.trim > 0) trials_.end_unit -= static_cast<uint32_t>(trials.references);
  stage_ = Stage::kTrials;
}

absl::Status ClusteringFitter::AbsorbTrials(const TrialsPartial& merged) {
  STRATA_RETURN_IF_ERROR(CheckTrials(trials_, merged));
  results_.insert(merged.results.begin(), merged.results.end());
  if (trials_.end_unit < TrialUnits(trials_.settings).size()) {
    StartReferences();
    return absl::OkStatus();
  }
  k_ = ChooseClusters();
  StartSearch();
  return absl::OkStatus();
}

void ClusteringFitter::StartReferences() {
  const TrialSettings& trials = trials_.settings;
  const auto& optima = results_.at(static_cast<uint32_t>(trials.k_last - trials.k_first)).optima;
  trials_.first_unit = trials_.end_unit;
  trials_.end_unit = static_cast<uint32_t>(TrialUnits(trials).size());
  if (optima.empty()) return;
  trials_.sample = trials_.sample.Kept(
      WithinThreshold(trials_.sample, optima.front().centres, optima.front().threshold, *settings_.kernels));
  trials_.normal = ReferenceNormal::Of(trials_.sample);
}

int ClusteringFitter::ChooseClusters() {
  model_.trials =
      ChooseK(trials_.settings, results_, static_cast<int64_t>(trials_.sample.size()), model_.space.inertia_bits());
  GapChoice& choice = model_.trials;
  if (settings_.k.has_value()) {
    choice.k = *settings_.k;
    choice.structure = true;
    choice.reason.clear();
  } else if (Follows() && choice.k > 1 && settings_.last->k != choice.k && settings_.last->k > 1) {
    const int last_k = settings_.last->k;
    const GapRow& chosen = choice.rows[static_cast<size_t>(choice.k - 1)];
    const bool is_there = last_k <= static_cast<int>(choice.rows.size());
    const GapRow* last = is_there ? &choice.rows[static_cast<size_t>(last_k - 1)] : nullptr;
    if (last != nullptr && last->gap.has_value() && chosen.gap.has_value() &&
        *last->gap >= *chosen.gap - chosen.error.value_or(0)) {
      model_.refit.why +=
          fmt::format("; {} clusters as before: their gap is within an error of that of {}", last_k, choice.k);
      choice.k = last_k;
    }
  }
  if (!settings_.k.has_value() && choice.k > 1 && choice.k == trials_.settings.k_last) {
    model_.warnings.push_back(fmt::format(
        "k: {} is as many as k_max allows, and no smaller number does as well: more may describe the customers better",
        choice.k));
  }
  model_.structure = choice.structure;
  model_.reason = choice.reason;
  return choice.k;
}

}  // namespace strata
