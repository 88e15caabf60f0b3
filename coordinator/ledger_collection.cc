#include "coordinator/ledger_collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

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
  for (const std::vector<RegisteredSegment>& shard : registry.segments) {
    for (const RegisteredSegment& segment : shard) keys->insert(segment.object.key);
  }
  return absl::OkStatus();
}

absl::Status DeleteRecords(Metadata& metadata, const Leadership& leadership, const std::vector<std::string>& keys) {
  size_t begin = 0;
  do {  // once without records too: a commit that only checks the token
    CommitRequest commit{.compares = {}, .puts = {}, .deletes = {}, .token = leadership.token};
    const size_t end = std::min(keys.size(), begin + kMaxCommitOperations);
    for (; begin < end; ++begin) commit.deletes.push_back(keys[begin]);
    STRATA_ASSIGN_OR_RETURN(const CommitOutcome outcome, metadata.Commit(commit));
    if (const auto* conflict = std::get_if<Conflict>(&outcome)) {
      return MakeError(absl::StatusCode::kAborted, "LEADERSHIP_LOST",
                       fmt::format("ledger versions were not collected: {} changed meanwhile", conflict->key));
    }
    if (const auto* unknown = std::get_if<Unknown>(&outcome)) {
      return WithContext(unknown->cause, "ledger versions were not collected");
    }
  } while (begin < keys.size());
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
  std::vector<std::string> superseded;
  STRATA_ASSIGN_OR_RETURN(const auto versions, seams.metadata->List(LedgerVersionsPrefix(job)));
  for (const KeyValue& record : versions) {
    STRATA_ASSIGN_OR_RETURN(const LedgerVersion version, LedgerVersion::FromJson(record.value));
    if (!needed.contains(version.version)) {
      superseded.push_back(record.key);
      continue;
    }
    STRATA_RETURN_IF_ERROR(AddObjects(*seams.objects, version, &referred));
  }
  STRATA_RETURN_IF_ERROR(DeleteRecords(*seams.metadata, leadership, superseded));
  std::vector<std::string> debris;
  for (const ObjectInfo& object : objects) {
    if (!referred.contains(object.key)) debris.push_back(object.key);
  }
  return seams.objects->DeleteAll(debris);
}

}  // namespace strata
