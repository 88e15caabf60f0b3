#include "data/profile/job_churn_plan.h"

#include <algorithm>
#include <utility>

#include "model/churn/catalogue.h"

namespace strata {

std::vector<ChurnAttribute> ChurnColumnsOf(const Job& job) {
  if (!job.churn.has_value()) return {};
  std::vector<ChurnAttribute> columns = ChurnAttributesOf(job, *job.churn).offered;
  const std::vector<std::string>& chosen = job.churn->features;
  if (chosen.empty()) return columns;
  std::erase_if(columns, [&chosen](const ChurnAttribute& column) {
    return std::find(chosen.begin(), chosen.end(), column.name) == chosen.end();
  });
  return columns;
}

ChurnPlan ChurnPlanOf(const Job& job) {
  const ChurnSettings& settings = *job.churn;
  std::vector<ChurnFeature> attributes;
  for (const ChurnAttribute& column : ChurnColumnsOf(job)) {
    attributes.push_back(AttributeFeature(column.name, column.type));
  }
  ChurnPlan plan;
  plan.features =
      FeaturesOf({.features = settings.features, .groups = settings.groups, .monotone = settings.monotone}, attributes);
  plan.levels.resize(plan.features.size());
  plan.horizon_days = settings.horizon_days;
  plan.eligible_days = settings.eligible_days;
  plan.cutoffs = settings.cutoffs.value_or(kAutoCutoffs);
  if (settings.contract.has_value()) plan.question = ChurnQuestion::kContract;
  if (settings.label.has_value()) {
    plan.question = settings.label->as_of_column.empty() ? ChurnQuestion::kUndatedLabel : ChurnQuestion::kDatedLabel;
  }
  return plan;
}

}  // namespace strata
