#include "coordinator/run_request.h"

#include <string>

#include "run/keys.h"

namespace strata {

absl::StatusOr<std::optional<RunRequestRecord>> ReadRunRequest(Metadata& metadata, std::string_view job, int64_t run) {
  STRATA_ASSIGN_OR_RETURN(const auto pieces, metadata.List(RunStateKey(job, run, RunRequestRecord::kName)));
  if (pieces.empty()) return std::optional<RunRequestRecord>();
  std::string bytes;
  for (const KeyValue& piece : pieces) bytes += piece.value;
  STRATA_ASSIGN_OR_RETURN(RunRequestRecord record, RunRequestRecord::Decode(bytes));
  return std::optional<RunRequestRecord>(std::move(record));
}

}  // namespace strata
