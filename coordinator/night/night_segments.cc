// The job's own segments in the night: percentiles that their conditions compare with.
#include <algorithm>

#include "coordinator/night/night.h"
#include "data/segments/percentile_values.h"
#include "data/snapshot/models_file.h"
#include "run/job_segments.h"
#include "run/keys.h"
#include "run/segments/score_names.h"

namespace strata {
namespace {

// Whether a column is a score or a class, which needs the models.
bool NeedsModels(const std::string& column) {
  const auto names = ScoreNames();
  const auto found =
      std::find_if(names.begin(), names.end(), [&column](const ScoreName& score) { return score.name == column; });
  if (found == names.end()) return false;  // an attribute
  return found->part != ScorePart::kAlways && found->part != ScorePart::kProfile &&
         found->part != ScorePart::kWindowedRfm;
}

}  // namespace

absl::Status Night::AskForPercentiles(NightFitSettings* settings) const {
  STRATA_ASSIGN_OR_RETURN(const std::vector<Condition> conditions, ConditionsOf(request_.job, request_.job.name));
  settings->percentiles = PercentilesOf(conditions);
  const bool needs_models = std::any_of(settings->percentiles.begin(), settings->percentiles.end(),
                                        [](const auto& target) { return NeedsModels(target.first); });
  if (!needs_models) return absl::OkStatus();
  settings->encode_models = [](const FittedModels& models) { return EncodeModelFiles(ModelsToJson(models)); };
  return absl::OkStatus();
}

absl::Status Night::KeepPercentiles() {
  const PercentileValues values = fit_->Percentiles();
  if (values.empty()) return absl::OkStatus();
  const std::string bytes = EncodePercentiles(values);
  STRATA_ASSIGN_OR_RETURN(percentiles_, StoreObject(BlobObject(request_.job.name, run_, Hash64(bytes)), bytes));
  return absl::OkStatus();
}

}  // namespace strata
