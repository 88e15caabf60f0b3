#include "data/profile/job_churn_plan.h"

#include <algorithm>
#include <utility>

#include "model/churn/catalogue.h"

namespace strata {

CutoffRules CutoffRulesOf(const Job& job) {
  if (!job.churn.has_value()) return {};
  const std::vector<std::string>& chosen = job.churn->features;
  const auto is_chosen = [&chosen](const std::string& name) {
    return chosen.empty() || std::find(chosen.begin(), chosen.end(), name) != chosen.end();
  };
  const ChurnAttributes offered = ChurnAttributesOf(job, *job.churn);
  CutoffRules rules;
  for (const ChurnAttribute& attribute : offered.offered) {
    if (is_chosen(attribute.name)) rules.attributes.push_back(attribute);
  }
  for (const std::string& line : offered.lines) {
    if (is_chosen(line)) rules.lines.insert(line);
  }
  return rules;
}

ChurnPlan ChurnPlanOf(const Job& job) {
  const ChurnSettings& settings = *job.churn;
  const CutoffRules rules = CutoffRulesOf(job);
  std::vector<ChurnFeature> more;
  for (const ChurnFeature& line : ChurnLineCatalogue()) {
    if (rules.lines.contains(line.name)) more.push_back(line);
  }
  for (const ChurnAttribute& attribute : rules.attributes) {
    more.push_back(AttributeFeature(attribute.name, attribute.type));
  }
  ChurnPlan plan;
  plan.features =
      FeaturesOf({.features = settings.features, .groups = settings.groups, .monotone = settings.monotone}, more);
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
