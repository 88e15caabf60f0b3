#include "run/job_models.h"

#include "run/job_churn.h"
#include "run/job_clustering.h"
#include "run/job_lifetime.h"
#include "run/job_schemes.h"

namespace strata {

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
