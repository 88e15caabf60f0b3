#include "run/job_models.h"

#include "run/job_clustering.h"
#include "run/job_lifetime.h"
#include "run/job_schemes.h"

namespace strata {
namespace {

constexpr int kMaxChurnHorizonDays = 730;  // two cutoffs of it must fit into the data
constexpr int kMaxEligibleDays = 3650;

absl::Status ReadChurn(const YamlSection& models, Job* job) {
  STRATA_ASSIGN_OR_RETURN(const auto section, models.Section("churn", {"algorithm", "horizon_days", "eligible_days"}));
  if (!section.has_value()) return absl::OkStatus();
  ChurnSettings& churn = job->churn.emplace();
  size_t algorithm = 0;
  STRATA_RETURN_IF_ERROR(section->ReadChoice("algorithm", {"logistic", "gbdt"}, &algorithm));
  if (algorithm == 1) {
    return section->Problem("algorithm", "found 'gbdt', which is not available in this version; allowed: logistic");
  }
  STRATA_RETURN_IF_ERROR(section->ReadInteger("horizon_days", 1, kMaxChurnHorizonDays, &churn.horizon_days));
  churn.eligible_days = 2 * churn.horizon_days;
  return section->ReadInteger("eligible_days", 1, kMaxEligibleDays, &churn.eligible_days);
}

}  // namespace

absl::Status ReadModels(const YamlSection& root, Job* job) {
  STRATA_ASSIGN_OR_RETURN(const auto models, root.Section("models", {"rfm", "clustering", "lifetime", "churn", "value",
                                                                     "levels", "life_cycle"}));
  if (!models.has_value()) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(ReadRfmRules(*models, &job->rfm));
  STRATA_RETURN_IF_ERROR(ReadClustering(*models, job));
  STRATA_RETURN_IF_ERROR(ReadLifetime(*models, job));
  STRATA_RETURN_IF_ERROR(ReadChurn(*models, job));
  STRATA_RETURN_IF_ERROR(ReadValueSettings(*models, &job->value));
  STRATA_RETURN_IF_ERROR(ReadLevelSettings(*models, &job->levels));
  return ReadLifeCycleSettings(*models, &job->life_cycle);
}

}  // namespace strata
