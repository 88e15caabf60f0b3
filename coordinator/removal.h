// How a coordinator removes what a state no longer needs: the records first, under its token, then the objects. So a
// coordinator that was deposed removes nothing that its successor reads, no record points to an object that is gone,
// and what a crash leaves in between are objects that nobody reads.
//
// Stateless; thread-safe as far as the seams are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "coordinator/state_seams.h"
#include "store/metadata.h"
#include "store/object_store.h"

namespace strata {

// What goes together. Precondition: nobody writes these records again, because an attempt of unknown outcome may take
// effect later. Objects must have been listed before the call: what somebody writes since is not theirs to lose.
struct Removal {
  std::vector<std::string> records;
  std::vector<std::string> objects;
};

// Removes the records, then the objects. Errors as for RemoveRecords, then those of the store; after an error some of
// it may be gone, and the same call again removes the rest.
absl::Status Remove(const StateSeams& seams, const Leadership& leadership, const Removal& removal,
                    std::string_view what);

// Removes the records in commits of at most kMaxCommitOperations, each of which is sure (sure_commit.h) before the next
// begins; without records one commit checks that the token is in force. `what` names it in errors: ABORTED
// (LEADERSHIP_LOST), UNAVAILABLE (OUTCOME_UNKNOWN). Records that are gone already are fine.
absl::Status RemoveRecords(Metadata& metadata, const Leadership& leadership, const std::vector<std::string>& keys,
                           std::string_view what);
// All records below `prefix`.
absl::Status RemoveRecordsBelow(Metadata& metadata, const Leadership& leadership, const std::string& prefix,
                                std::string_view what);

// All objects below `prefix`. Precondition: whatever record pointed to them was removed before, surely.
absl::Status RemoveObjectsBelow(ObjectStore& objects, const std::string& prefix);

}  // namespace strata
