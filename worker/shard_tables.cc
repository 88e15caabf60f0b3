#include "worker/shard_tables.h"

#include <fmt/format.h>

#include <utility>

#include "data/rows/ledger_layouts.h"

namespace strata {

absl::StatusOr<const TableShard*> OpenShardTables::OpenOne(ObjectStore& objects, const PlannedTable& table,
                                                           const TableLayout& layout, size_t shard, Day as_of,
                                                           Versions versions) {
  std::vector<std::string_view> bytes;
  for (const ObjectRef& ref : table.segments[shard]) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(objects, ref.key, ref.checksum));
    bytes.push_back(view->bytes());
    views_.push_back(std::move(view));
  }
  absl::StatusOr<TableShard> rows = TableShard::Open(layout, std::move(bytes), table.removed_files, as_of, versions);
  if (!rows.ok()) return WithContext(rows.status(), fmt::format("table {}", SchemaOf(layout.table).name));
  open_.push_back(std::make_unique<TableShard>(*std::move(rows)));
  return open_.back().get();
}

absl::StatusOr<OpenShardTables> OpenShardTables::Open(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                                      uint32_t shard, Versions products) {
  OpenShardTables open;
  const std::vector<TableLayout> layouts = LayoutsOf(job.transactions, job.tables);
  for (const PlannedTable& table : plan.tables) {
    STRATA_ASSIGN_OR_RETURN(const TableLayout* layout, FindLayout(layouts, table.table));
    if (shard >= table.segments.size()) {
      return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                       fmt::format("shard {} of table {}: the plan has {}", shard, SchemaOf(table.table).name,
                                   table.segments.size()));
    }
    const auto place = static_cast<size_t>(table.table);
    const Versions versions = table.table == TableId::kProducts ? products : Versions::kApplying;
    const size_t reference = table.segments.size() - 1;
    STRATA_ASSIGN_OR_RETURN(open.tables_.reference.at(place),
                            open.OpenOne(objects, table, *layout, reference, plan.as_of, versions));
    if (shard == reference) continue;
    STRATA_ASSIGN_OR_RETURN(open.tables_.tables.at(place),
                            open.OpenOne(objects, table, *layout, shard, plan.as_of, versions));
  }
  return open;
}

void OpenShardTables::Align(const CustomerColumns& customers, const std::function<std::string_view(size_t)>& id) {
  for (const std::unique_ptr<TableShard>& table : open_) table->Align(customers.hash, id);
}

}  // namespace strata
