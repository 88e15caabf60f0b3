#include "coordinator/removal.h"

#include <algorithm>

#include "coordinator/sure_commit.h"

namespace strata {

absl::Status RemoveRecords(Metadata& metadata, const Leadership& leadership, const std::vector<std::string>& keys,
                           std::string_view what) {
  size_t begin = 0;
  do {  // once without records too: a commit that only checks the token
    CommitRequest commit{.compares = {}, .puts = {}, .deletes = {}, .token = leadership.token};
    const size_t end = std::min(keys.size(), begin + kMaxCommitOperations);
    for (; begin < end; ++begin) commit.deletes.push_back(keys[begin]);
    STRATA_RETURN_IF_ERROR(CommitSurely(metadata, commit, what));
  } while (begin < keys.size());
  return absl::OkStatus();
}

absl::Status RemoveRecordsBelow(Metadata& metadata, const Leadership& leadership, const std::string& prefix,
                                std::string_view what) {
  STRATA_ASSIGN_OR_RETURN(const auto records, metadata.List(prefix));
  std::vector<std::string> keys;
  for (const KeyValue& record : records) keys.push_back(record.key);
  return RemoveRecords(metadata, leadership, keys, what);
}

absl::Status RemoveObjectsBelow(ObjectStore& objects, const std::string& prefix) {
  STRATA_ASSIGN_OR_RETURN(const auto listed, objects.List(prefix));
  std::vector<std::string> keys;
  for (const ObjectInfo& object : listed) keys.push_back(object.key);
  return objects.DeleteAll(keys);
}

absl::Status Remove(const StateSeams& seams, const Leadership& leadership, const Removal& removal,
                    std::string_view what) {
  STRATA_RETURN_IF_ERROR(RemoveRecords(*seams.metadata, leadership, removal.records, what));
  return seams.objects->DeleteAll(removal.objects);
}

}  // namespace strata
