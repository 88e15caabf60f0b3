// What the night's fits begin with: counts of the feature stage, and the models of the snapshot that the run follows.
#include <fmt/format.h>

#include "coordinator/night/fit_settings.h"
#include "coordinator/night/night.h"
#include "data/snapshot/models_file.h"
#include "run/lifetime_settings.h"

namespace strata {
namespace {

absl::StatusOr<FittedModels> ReadModels(ObjectStore& objects, std::string_view manifest_bytes) {
  STRATA_ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(manifest_bytes));
  constexpr std::string_view kBegin = "models/", kEnd = ".json";
  ModelFiles files;
  for (const ManifestEntry& entry : manifest.entries) {
    const std::string_view name = entry.name;
    if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) continue;
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, entry.key, entry.checksum));
    files.emplace_back(name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size()), view->bytes());
  }
  return ModelsFromJson(files);
}

}  // namespace

// Null where nothing is followed. A snapshot of another build, whose models cannot be read, counts as none, with a
// warning; a damaged one fails the run.
absl::StatusOr<const FittedModels*> Night::ReadFollowedModels() {
  if (!followed_.has_value()) return nullptr;
  if (followed_models_read_) return followed_models_.has_value() ? &*followed_models_ : nullptr;
  STRATA_ASSIGN_OR_RETURN(
      const auto bytes,
      MapVerified(*seams_.objects, ManifestKey(request_.job.name, followed_->number), followed_->manifest_checksum));
  absl::StatusOr<FittedModels> models = ReadModels(*seams_.objects, bytes->bytes());
  if (!models.ok() && models.status().code() != absl::StatusCode::kFailedPrecondition) return models.status();
  followed_models_read_ = true;
  if (models.ok()) return &followed_models_.emplace(*std::move(models));
  Warn(
      fmt::format("snapshot {}, which this run follows, is of another build: {}; nothing is compared with its models, "
                  "nor taken from them",
                  followed_->number, StdView(models.status().message())));
  return nullptr;
}

std::optional<Day> Night::FirstDay() const {
  for (const auto& [day, rows] : registry_.rows_by_day) {
    if (rows == 0) continue;
    return day <= as_of_ ? std::optional(day) : std::nullopt;
  }
  return std::nullopt;
}

absl::Status Night::ChooseHoldout() {
  holdout_days_ = 0;
  if (!request_.job.lifetime.has_value()) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(holdout_days_, HoldoutDays(*request_.job.lifetime, as_of_, FirstDay()));
  return absl::OkStatus();
}

int Night::ChurnViews() const {
  if (!request_.job.churn.has_value()) return 0;
  int64_t rows = 0;
  for (const auto& [day, count] : registry_.rows_by_day) rows += day <= as_of_ ? count : 0;
  return 1 + ChurnCutoffs(*request_.job.churn, as_of_, FirstDay(), rows);
}

absl::Status Night::TakeStatistics(const std::vector<FeatureTaskResult>& shards) {
  gaps_ = {};
  BaseHistory history;
  for (const FeatureTaskResult& shard : shards) {
    if (!shard.statistics.empty()) {
      ByteReader reader(shard.statistics);
      gaps_.Merge(GapStatistics::Decode(&reader));
      STRATA_RETURN_IF_ERROR(reader.Finish("statistics of the feature stage"));
    }
    if (!shard.history.empty()) {
      ByteReader reader(shard.history);
      history.Merge(BaseHistory::Decode(&reader));
      STRATA_RETURN_IF_ERROR(reader.Finish("history of the feature stage"));
    }
  }
  history_ = nullptr;
  if (request_.job.lifetime.has_value()) history_ = std::make_shared<const BaseHistory>(std::move(history));
  return absl::OkStatus();
}

absl::StatusOr<NightFitSettings> Night::ChooseFitSettings() {
  const FittedModels* followed = nullptr;
  if (WantsFollowedModels(request_.job)) {
    STRATA_ASSIGN_OR_RETURN(followed, ReadFollowedModels());
  }
  const FitFacts facts{.as_of = as_of_,
                       .gaps = gaps_,
                       .history = history_,
                       .holdout_days = holdout_days_,
                       .churn_cutoffs = ChurnViews() - 1,
                       .followed = followed};
  ChosenFit chosen = ChooseFit(request_.job, facts, request_.kernels);
  for (std::string& warning : chosen.warnings) Warn(std::move(warning));
  STRATA_RETURN_IF_ERROR(AskForPercentiles(&chosen.settings));
  return std::move(chosen.settings);
}

}  // namespace strata
