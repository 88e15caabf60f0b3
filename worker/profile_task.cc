#include "worker/profile_task.h"

#include <utility>
#include <vector>

#include "data/profile/column_file.h"
#include "data/profile/day_facts.h"
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

}  // namespace

absl::StatusOr<ProfiledFeatures> BuildProfiledFeatures(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                                       uint32_t shard, const LedgerShard& days,
                                                       const FeatureDates& dates) {
  const ProfileRules rules = ProfileRulesOf(job, dates.as_of);
  STRATA_ASSIGN_OR_RETURN(OpenShardTables tables,
                          OpenShardTables::Open(objects, OnlyTablesOfProfiles(plan), job, shard, Versions::kAll));
  std::vector<KnownCustomer> known;
  const TableShard* customers = tables.tables().tables[static_cast<size_t>(TableId::kCustomers)];
  if (customers != nullptr) known = KnownCustomers(*customers, dates.as_of);
  DayFacts facts(dates.as_of, rules);
  ProfiledFeatures result;
  STRATA_ASSIGN_OR_RETURN(result.features, BuildFeatures(days, dates, known, &facts));
  STRATA_ASSIGN_OR_RETURN(const FeatureFile file, FeatureFile::Open(result.features.bytes));
  const CustomerColumns& today = file.features().today;
  tables.Align(today, [&file](size_t row) { return file.id(row); });
  STRATA_ASSIGN_OR_RETURN(const OwnedColumns profile, BuildProfile(today, facts, tables.tables(), rules));
  STRATA_ASSIGN_OR_RETURN(result.profile, EncodeColumns(profile.View()));
  ByteWriter writer;
  facts.gaps.Encode(&writer);
  result.statistics = writer.Take();
  return result;
}

}  // namespace strata
