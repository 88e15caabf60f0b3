#include "data/reports/job_offer.h"

#include <utility>

#include "data/reports/shard_columns.h"
#include "data/rows/table_batch.h"
#include "run/source_fields.h"

namespace strata {
namespace {

// Which parts of `models` a scheme takes.
struct Parts {
  bool rfm = false, value = false, levels = false, life_cycle = false;
};

Parts PartsOf(SchemeId scheme) {
  switch (scheme) {
    case SchemeId::kRfm:
    case SchemeId::kRfmTen:
    case SchemeId::kRfmEight:
      return {.rfm = true};
    case SchemeId::kValueClass:
    case SchemeId::kGrade:
    case SchemeId::kCore:
    case SchemeId::kNeedClass:
      return {.value = true};
    case SchemeId::kCustomerKind:
    case SchemeId::kStage:
      return {.value = true, .life_cycle = true};
    case SchemeId::kLifeCycle:
      return {.life_cycle = true};
    case SchemeId::kValueLevel:
    case SchemeId::kFrequencyLevel:
    case SchemeId::kAmountLevel:
    case SchemeId::kOrderLevel:
    case SchemeId::kSpendingLevel:
      return {.levels = true};
  }
  return {};
}

// The first key that the job would need; empty: it has them all.
std::string Lacking(const Job& job, const Parts& parts) {
  if (parts.rfm && !job.rfm.has_value()) return "models.rfm";
  if (parts.value && !job.value.has_value()) return "models.value";
  if (parts.levels && !job.levels.has_value()) return "models.levels";
  if (parts.life_cycle && !job.life_cycle.has_value()) return "models.life_cycle";
  return "";
}

ReportOffer::Table TransactionsOf(const Job& job) {
  ReportOffer::Table table{.table = TableId::kTransactions, .name = "transactions", .in_job = true, .columns = {}};
  for (const SourceField& field : FieldsOf(job.transactions).fields) {
    const ColumnSchema* schema = FindColumn(TableId::kTransactions, field.name);
    const bool is_kept = KeepsLines(job.transactions) || schema == nullptr || !schema->Is(kLineDetail);
    if (field.is_mapped() && is_kept) table.columns.push_back(field.name);
  }
  return table;
}

ReportOffer::Table TableOf(const Job& job, const TableSchema& schema) {
  ReportOffer::Table table{.table = schema.id, .name = std::string(schema.name), .in_job = false, .columns = {}};
  const TableSource* source = job.Find(schema.id);
  if (source == nullptr) return table;
  table.in_job = true;
  for (const SourceField& field : FieldsOf(*source).fields) {
    if (field.is_mapped()) table.columns.push_back(field.name);
  }
  return table;
}

}  // namespace

std::vector<std::string> KeysOf(SchemeId scheme) {
  const Parts parts = PartsOf(scheme);
  std::vector<std::string> keys;
  if (parts.rfm) keys.emplace_back("models.rfm");
  if (parts.value) keys.emplace_back("models.value");
  if (parts.levels) keys.emplace_back("models.levels");
  if (parts.life_cycle) keys.emplace_back("models.life_cycle");
  return keys;
}

ReportOffer OfferOf(const Job& job, std::string not_followed) {
  ReportOffer offer;
  offer.segments = !job.segments.empty();
  offer.clustering = job.clustering.has_value();
  offer.churn = job.churn.has_value();
  if (job.lifetime.has_value()) {
    offer.lifetime = true;
    offer.spend = job.lifetime->spend;
    offer.holdout = job.lifetime->holdout != LifetimeSettings::Holdout::kNone;
    offer.covariates = job.lifetime->covariates.has_value();
  }
  offer.not_followed = std::move(not_followed);
  for (const TableSchema& schema : AllTables()) {
    offer.tables.push_back(schema.id == TableId::kTransactions ? TransactionsOf(job) : TableOf(job, schema));
  }
  for (size_t place = 0; place < kSchemes; ++place) {
    const auto scheme = static_cast<SchemeId>(place);
    const std::string lacking = Lacking(job, PartsOf(scheme));
    offer.schemes.push_back({.scheme = scheme, .name = Name(scheme), .key = lacking, .in_job = lacking.empty()});
  }
  return offer;
}

void TellOfFollowed(const FittedModels& followed, ReportOffer* offer) {
  for (ReportOffer::Scheme& scheme : offer->schemes) scheme.in_followed = HasScheme(followed, scheme.scheme);
  offer->clustering_in_followed = followed.clustering.has_value() && followed.clustering->k > 0;
}

}  // namespace strata
