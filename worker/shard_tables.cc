#include "worker/shard_tables.h"

#include <fmt/format.h>

#include <utility>

namespace strata {
namespace {

TableLayout LayoutIn(const Job& job, TableId table) {
  return table == TableId::kTransactions ? LineLayoutOf(job.transactions) : LayoutOf(*job.Find(table));
}

}  // namespace

absl::StatusOr<const TableShard*> OpenShardTables::OpenOne(ObjectStore& objects, const StagePlan& plan,
                                                           const TableLayout& layout,
                                                           const std::vector<ObjectRef>& segments, Versions versions) {
  std::vector<std::string_view> bytes;
  for (const ObjectRef& ref : segments) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(objects, ref.key, ref.checksum));
    bytes.push_back(view->bytes());
    views_.push_back(std::move(view));
  }
  absl::StatusOr<TableShard> shard =
      TableShard::Open(layout, std::move(bytes), plan.removed_files, plan.as_of, versions);
  if (!shard.ok()) return WithContext(shard.status(), fmt::format("table {}", SchemaOf(layout.table).name));
  open_.push_back(std::make_unique<TableShard>(*std::move(shard)));
  return open_.back().get();
}

absl::StatusOr<OpenShardTables> OpenShardTables::Open(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                                      uint32_t shard, Versions versions) {
  OpenShardTables open;
  for (const PlannedTable& table : plan.tables) {
    if (shard >= table.segments.size()) {
      return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                       fmt::format("shard {} of table {}: the plan has {}", shard, SchemaOf(table.table).name,
                                   table.segments.size()));
    }
    const TableLayout layout = LayoutIn(job, table.table);
    const auto place = static_cast<size_t>(table.table);
    const size_t reference = table.segments.size() - 1;
    STRATA_ASSIGN_OR_RETURN(open.tables_.reference.at(place),
                            open.OpenOne(objects, plan, layout, table.segments[reference], versions));
    if (shard == reference) continue;
    STRATA_ASSIGN_OR_RETURN(open.tables_.tables.at(place),
                            open.OpenOne(objects, plan, layout, table.segments[shard], versions));
  }
  return open;
}

void OpenShardTables::Align(const CustomerColumns& customers, const std::function<std::string_view(size_t)>& id) {
  for (const std::unique_ptr<TableShard>& table : open_) table->Align(customers.hash, id);
}

}  // namespace strata
