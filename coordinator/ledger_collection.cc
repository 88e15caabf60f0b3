#include "coordinator/ledger_collection.h"

#include <set>

#include "coordinator/removal.h"
#include "data/ledger/ledger_state.h"
#include "run/keys.h"
#include "run/snapshot_record.h"

namespace strata {
namespace {

// Objects that versions refer to.
absl::Status AddObjects(ObjectStore& objects, const LedgerVersion& version, std::set<std::string>* keys) {
  keys->insert({version.aliases.key, version.fx.key});  // versions with the same registry may differ in these
  if (!keys->insert(version.registry.key).second) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(const LedgerRegistry registry, ReadRegistry(objects, version));
  const auto add = [keys](const std::vector<std::vector<RegisteredSegment>>& segments) {
    for (const std::vector<RegisteredSegment>& shard : segments) {
      for (const RegisteredSegment& segment : shard) keys->insert(segment.object.key);
    }
  };
  add(registry.segments);
  for (const RegisteredTable& table : registry.tables) add(table.segments);
  return absl::OkStatus();
}

}  // namespace

absl::Status CollectLedger(const StateSeams& seams, const Leadership& leadership, const std::string& job) {
  // Listed before the commit that checks the token, so that a coordinator that was deposed meanwhile deletes nothing
  // that its successor's run has written since.
  STRATA_ASSIGN_OR_RETURN(const auto objects, seams.objects->List(LedgerFolder(job) + "/"));
  STRATA_ASSIGN_OR_RETURN(const auto head, ReadLedgerHead(*seams.metadata, job));
  if (!head.has_value()) return absl::OkStatus();
  std::set<int64_t> needed = {head->version.version};
  STRATA_ASSIGN_OR_RETURN(const auto snapshots, seams.metadata->List(SnapshotRecordsPrefix(job)));
  for (const KeyValue& record : snapshots) {
    STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(record.value));
    needed.insert(snapshot.ledger_version);
  }
  std::set<std::string> referred;
  Removal removal;
  STRATA_ASSIGN_OR_RETURN(const auto versions, seams.metadata->List(LedgerVersionsPrefix(job)));
  for (const KeyValue& record : versions) {
    STRATA_ASSIGN_OR_RETURN(const LedgerVersion version, LedgerVersion::FromJson(record.value));
    if (!needed.contains(version.version)) {
      removal.records.push_back(record.key);
      continue;
    }
    STRATA_RETURN_IF_ERROR(AddObjects(*seams.objects, version, &referred));
  }
  for (const ObjectInfo& object : objects) {
    if (!referred.contains(object.key)) removal.objects.push_back(object.key);
  }
  return Remove(seams, leadership, removal, "collecting ledger versions");
}

}  // namespace strata
