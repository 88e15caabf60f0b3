#include "worker/profile_task.h"

#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "data/profile/column_file.h"
#include "data/profile/cutoff_profile.h"
#include "data/profile/cutoff_rows.h"
#include "data/profile/day_facts.h"
#include "data/profile/history_facts.h"
#include "data/profile/job_churn_plan.h"
#include "data/profile/job_profile.h"
#include "data/profile/profile.h"
#include "worker/shard_tables.h"

namespace strata {
namespace {

bool IsInProfile(TableId table) {
  return table == TableId::kTransactions || table == TableId::kCustomers || table == TableId::kProducts ||
         table == TableId::kCosts || table == TableId::kKyc;
}

// Reading all tables of a shard would cost more than the profile.
StagePlan OnlyTablesOfProfiles(const StagePlan& plan) {
  StagePlan wanted;
  wanted.as_of = plan.as_of;
  for (const PlannedTable& table : plan.tables) {
    if (IsInProfile(table.table)) wanted.tables.push_back(table);
  }
  return wanted;
}

FeatureDates DatesOf(const StagePlan& plan, const Job& job) {
  return {.as_of = plan.as_of,
          .has_churn = job.churn.has_value(),
          .churn_horizon_days = job.churn.has_value() ? job.churn->horizon_days : 0,
          .churn_views = job.churn.has_value() ? plan.churn_views : kChurnViews,
          .holdout_days = plan.holdout_days};
}

// Orders are known of the window that the profile sums up.
void CountOrders(const Job& job, const ColumnSet& profile, const DayFacts& facts, HistoryFacts* history) {
  if (!KeepsLines(job.transactions) || job.transactions.columns.order_id.empty()) return;
  const std::span<const int64_t> orders = profile.Find("orders")->whole;
  history->SetOrders(std::accumulate(orders.begin(), orders.end(), int64_t{0}),
                     std::accumulate(facts.orders.begin(), facts.orders.end(), int64_t{0}));
}

// What churn reads of a shard's customers beside their days, as of every view of `file`.
absl::StatusOr<std::string> BuildCutoffProfiles(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                                uint32_t shard, const FeatureFile& file, const TableShard& customers,
                                                const CutoffRows& rows) {
  const std::vector<ChurnAttribute> attributes = ChurnColumnsOf(job);
  const ShardFeatures& features = file.features();
  const OwnedColumns today = BuildCutoffColumns(customers, features.today.size(), attributes);
  const ColumnSet columns_of_today = today.View();
  std::vector<std::string> files;
  STRATA_ASSIGN_OR_RETURN(files.emplace_back(), EncodeColumns(columns_of_today));
  StagePlan then;
  for (const PlannedTable& table : plan.tables) {
    if (table.table == TableId::kCustomers) then.tables.push_back(table);
  }
  for (size_t view = 0; view < features.churn_views.size(); ++view) {
    const CustomerColumns& columns = features.churn_views[view];
    const std::vector<uint32_t>& row_of_today = rows.of(view);
    then.as_of = columns.as_of;
    STRATA_ASSIGN_OR_RETURN(OpenShardTables tables, OpenShardTables::Open(objects, then, job, shard));
    tables.Align(columns, [&](size_t row) { return file.id(row_of_today[row]); });
    const TableShard& applying = *tables.tables().tables[static_cast<size_t>(TableId::kCustomers)];
    const OwnedColumns known = BuildCutoffColumns(applying, attributes, columns_of_today, row_of_today);
    STRATA_ASSIGN_OR_RETURN(files.emplace_back(), EncodeColumns(known.View()));
  }
  return JoinCutoffProfiles(files);
}

// All but the history, which gets the days; null: nobody wants it.
absl::StatusOr<ProfiledFeatures> WithProfile(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                             uint32_t shard, const LedgerShard& days, HistoryFacts* history) {
  const FeatureDates dates = DatesOf(plan, job);
  const ProfileRules rules = ProfileRulesOf(job, dates.as_of);
  STRATA_ASSIGN_OR_RETURN(OpenShardTables tables,
                          OpenShardTables::Open(objects, OnlyTablesOfProfiles(plan), job, shard, Versions::kAll));
  std::vector<KnownCustomer> known;
  const TableShard* customers = tables.tables().tables[static_cast<size_t>(TableId::kCustomers)];
  if (customers != nullptr) known = KnownCustomers(*customers, dates.as_of);
  DayFacts facts(dates.as_of, rules, history);
  ProfiledFeatures result;
  CutoffRows rows(static_cast<size_t>(plan.churn_views), &facts);
  STRATA_ASSIGN_OR_RETURN(result.features, BuildFeatures(days, dates, known, &rows));
  STRATA_ASSIGN_OR_RETURN(const FeatureFile file, FeatureFile::Open(result.features.bytes));
  const CustomerColumns& today = file.features().today;
  tables.Align(today, [&file](size_t row) { return file.id(row); });
  STRATA_ASSIGN_OR_RETURN(const OwnedColumns profile, BuildProfile(today, facts, tables.tables(), rules));
  if (customers != nullptr && !ChurnColumnsOf(job).empty()) {
    STRATA_ASSIGN_OR_RETURN(result.cutoff_profiles,
                            BuildCutoffProfiles(objects, plan, job, shard, file, *customers, rows));
  }
  const ColumnSet columns = profile.View();
  STRATA_ASSIGN_OR_RETURN(result.profile, EncodeColumns(columns));
  if (history != nullptr) CountOrders(job, columns, facts, history);
  ByteWriter writer;
  facts.gaps.Encode(&writer);
  result.statistics = writer.Take();
  return result;
}

}  // namespace

absl::StatusOr<ProfiledFeatures> BuildProfiledFeatures(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                                       uint32_t shard, const LedgerShard& days) {
  std::optional<HistoryFacts> gathered;
  if (job.lifetime.has_value()) {
    gathered.emplace(plan.holdout_days > 0 ? std::optional(plan.as_of - plan.holdout_days) : std::nullopt);
  }
  HistoryFacts* const history = gathered.has_value() ? &*gathered : nullptr;
  ProfiledFeatures result;
  if (WantsProfile(job)) {
    STRATA_ASSIGN_OR_RETURN(result, WithProfile(objects, plan, job, shard, days, history));
  } else {
    STRATA_ASSIGN_OR_RETURN(result.features, BuildFeatures(days, DatesOf(plan, job), {}, history));
  }
  if (history != nullptr) {
    ByteWriter writer;
    history->Take().Encode(&writer);
    result.history = writer.Take();
  }
  return result;
}

}  // namespace strata
