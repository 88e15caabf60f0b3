#include "run/segments/condition_error.h"

#include <fmt/format.h>

namespace strata {

absl::Status ConditionError(SourcePosition position, std::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, "SEGMENT_INVALID", problem,
                   {{"line", fmt::to_string(position.line)}, {"column", fmt::to_string(position.column)}});
}

}  // namespace strata
