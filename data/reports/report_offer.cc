#include "data/reports/report_offer.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

std::string WhyNoColumn(TableId table, const std::string& column, const ReportOffer& offer) {
  const auto found = std::find_if(offer.tables.begin(), offer.tables.end(),
                                  [table](const ReportOffer::Table& known) { return known.table == table; });
  if (found == offer.tables.end()) return fmt::format("needs table {}, which no job has", static_cast<int>(table));
  const std::string needed = column.empty() ? found->name : fmt::format("{}.{}", found->name, column);
  if (!found->in_job) return fmt::format("needs {}: sources.{} is not in the job", needed, found->name);
  if (column.empty() || std::find(found->columns.begin(), found->columns.end(), column) != found->columns.end()) {
    return "";
  }
  return fmt::format("needs {}: sources.{}.columns does not map it", needed, found->name);
}

std::string WhyNoScheme(SchemeId scheme, const ReportOffer& offer) {
  const auto found = std::find_if(offer.schemes.begin(), offer.schemes.end(),
                                  [scheme](const ReportOffer::Scheme& known) { return known.scheme == scheme; });
  if (found == offer.schemes.end()) return fmt::format("needs scheme {}, which no job has", static_cast<int>(scheme));
  return found->in_job ? "" : fmt::format("needs {}: {} is not in the job", found->name, found->key);
}

std::string WhyNoLifetime(const ReportNeeds& needs, const ReportOffer& offer) {
  if (needs.lifetime && !offer.lifetime) return "needs lifetime values: models.lifetime is not in the job";
  if (needs.spend && !offer.spend) return "needs expected spend: models.lifetime.spend is none";
  if (needs.holdout && !offer.holdout) return "needs a hold-out: models.lifetime.holdout_days is none";
  if (needs.covariates && !offer.covariates) return "needs models.lifetime.covariates: it is not in the job";
  return "";
}

}  // namespace

std::string WhyMissing(const ReportNeeds& needs, const ReportOffer& offer) {
  for (const auto& [table, column] : needs.columns) {
    if (std::string why = WhyNoColumn(table, column, offer); !why.empty()) return why;
  }
  for (const SchemeId scheme : needs.schemes) {
    if (std::string why = WhyNoScheme(scheme, offer); !why.empty()) return why;
  }
  if (needs.segments && !offer.segments) return "needs segments: segments is not in the job";
  if (needs.clustering && !offer.clustering) return "needs clusters: models.clustering is not in the job";
  if (std::string why = WhyNoLifetime(needs, offer); !why.empty()) return why;
  if (needs.churn && !offer.churn) return "needs churn: models.churn is not in the job";
  if (needs.follows && !offer.not_followed.empty()) {
    return fmt::format("needs an earlier snapshot to compare with: {}", offer.not_followed);
  }
  if (needs.follows && needs.clustering && !offer.clustering_in_followed) {
    return "needs clusters in the earlier snapshot too: that was made without them";
  }
  for (const ReportOffer::Scheme& scheme : offer.schemes) {
    const bool is_needed = std::find(needs.schemes.begin(), needs.schemes.end(), scheme.scheme) != needs.schemes.end();
    if (needs.follows && is_needed && !scheme.in_followed) {
      return fmt::format("needs {} in the earlier snapshot too: that was made without it", scheme.name);
    }
  }
  return "";
}

}  // namespace strata
