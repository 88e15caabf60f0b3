// Commits whose caller must know how they ended. Stateless; thread-safe as far as the metadata is.
#pragma once

#include <string_view>

#include "base/status.h"
#include "store/metadata.h"

namespace strata {

// OK: the commit is in force. After an unknown outcome it reads back the first put (or all deletes) and commits again
// where it is missing, kMaxAttempts times in all. The attempt of unknown outcome may still take effect, seconds later
// and after other commits: a request that writes must compare something that its own application changes, so that it is
// refused then; one that deletes must name keys that nobody will use again. Errors name `what`:
// ABORTED (LEADERSHIP_LOST): the token is no longer in force. ABORTED (COMMIT_CONFLICT): a compare failed.
// UNAVAILABLE (OUTCOME_UNKNOWN): whether it is in force could not be found out; do not act as if it were not.
absl::Status CommitSurely(Metadata& metadata, const CommitRequest& request, std::string_view what);

// An error after which this process must not record how its run ended: the run is its successor's, or nobody knows, or
// the records could not be written or read long enough (METADATA_BUSY, COMMIT_FAILED), which is no fault of the run.
bool LeavesRunOpen(const absl::Status& status);

}  // namespace strata
