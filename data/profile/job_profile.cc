#include "data/profile/job_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "data/rows/table_batch.h"

namespace strata {
namespace {

constexpr char kPlainGrid[] = "eleven";
constexpr char kSurvivalReport[] = "churn_survival";  // who alone looks at how long customers stayed

std::vector<ProfileAttribute> AttributesOf(const Job& job, TableId table) {
  std::vector<ProfileAttribute> attributes;
  const TableSource* source = job.Find(table);
  if (source == nullptr) return attributes;
  const TableLayout layout = LayoutOf(*source);
  for (size_t i = 0; i < layout.names.size(); ++i) {
    if (layout.types[i] != ValueType::kKey) attributes.push_back({layout.names[i], layout.types[i]});
  }
  return attributes;
}

}  // namespace

bool WantsProfile(const Job& job) {
  const bool has_rules =
      job.rfm.has_value() && (job.rfm->window.kind != RfmWindow::Kind::kAll || job.rfm->grid != kPlainGrid);
  const bool has_features = job.clustering.has_value() && job.clustering->WantsProfile();
  const bool has_opportunities = job.lifetime.has_value() && job.lifetime->opportunity.has_value();
  return has_rules || has_features || has_opportunities || job.WantsSchemes() || job.WantsReports() ||
         !job.segments.empty() || !job.tables.empty() || KeepsLines(job.transactions);
}

ProfileRules ProfileRulesOf(const Job& job, Day as_of) {
  ProfileRules rules;
  if (job.value.has_value()) rules.window_days = job.value->window_days;
  if (job.rfm.has_value() && job.rfm->window.kind != RfmWindow::Kind::kAll) {
    rules.rfm_days = DaysOf(job.rfm->window, as_of);
  }
  if (job.life_cycle.has_value()) rules.gap_days = job.life_cycle->gap_days;
  if (job.lifetime.has_value()) {
    rules.opportunity = job.lifetime->opportunity;
    rules.contract = job.lifetime->contract;
  }
  const bool wants_survival =
      job.all_reports || std::find(job.reports.begin(), job.reports.end(), kSurvivalReport) != job.reports.end();
  if (job.churn.has_value() && wants_survival) rules.churn_days = job.churn->horizon_days;
  rules.customers = AttributesOf(job, TableId::kCustomers);
  rules.kyc = AttributesOf(job, TableId::kKyc);
  return rules;
}

std::string MarginBasis(const Job& job) {
  std::vector<std::string> parts;
  const TransactionColumns& columns = job.transactions.columns;
  if (KeepsLines(job.transactions)) {
    const TableSource* products = job.Find(TableId::kProducts);
    if (!columns.cost.empty()) parts.emplace_back("the cost of the rows");
    if (!columns.product_id.empty() && !columns.quantity.empty() && products != nullptr &&
        products->Maps("unit_cost")) {
      parts.emplace_back("quantity times the product's unit cost");
    }
  }
  if (job.Find(TableId::kCosts) != nullptr) parts.emplace_back("the customer's costs");
  if (parts.empty()) return "net: the job knows no costs";
  return fmt::format("net less {}", fmt::join(parts, ", "));
}

}  // namespace strata
