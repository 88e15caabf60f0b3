#include "run/job_models.h"

#include <fmt/format.h>

#include "run/job_clustering.h"
#include "run/job_schemes.h"

namespace strata {
namespace {

constexpr int kMaxLifetimeHorizonDays = 3650;  // ten years; a forecast further out is none
constexpr int kMaxChurnHorizonDays = 730;      // two cutoffs of it must fit into the data
constexpr int kMaxEligibleDays = 3650;
constexpr double kMaxDiscountRateAnnual = 10;  // 1000 % a year

struct TimeUnit {
  const char* name;
  double days;
};
constexpr TimeUnit kTimeUnits[] = {{"day", 1}, {"week", 7}, {"month", 30.4375}};  // a Julian year has 12 such months

absl::Status ReadLifetime(const YamlSection& models, Job* job) {
  STRATA_ASSIGN_OR_RETURN(const auto section, models.Section("lifetime", {"model", "spend", "time_unit", "horizon_days",
                                                                          "discount_rate_annual"}));
  if (!section.has_value()) return absl::OkStatus();
  LifetimeSettings& lifetime = job->lifetime.emplace();
  size_t model = 0;
  STRATA_RETURN_IF_ERROR(section->ReadChoice("model", {"bg_nbd"}, &model));
  size_t spend = 0;
  STRATA_RETURN_IF_ERROR(section->ReadChoice("spend", {"gamma_gamma", "none"}, &spend));
  lifetime.spend = spend == 0;
  size_t unit = 1;
  STRATA_RETURN_IF_ERROR(section->ReadChoice("time_unit", {"day", "week", "month"}, &unit));
  lifetime.time_unit = kTimeUnits[unit].name;
  lifetime.time_unit_days = kTimeUnits[unit].days;
  STRATA_RETURN_IF_ERROR(section->ReadInteger("horizon_days", 0, kMaxLifetimeHorizonDays, &lifetime.horizon_days));
  return section->ReadNumber("discount_rate_annual", 0, kMaxDiscountRateAnnual, &lifetime.discount_rate_annual);
}

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
