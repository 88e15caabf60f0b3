// What a run was asked for, read back from the state's records. Thread-safe as far as the metadata is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "run/run_state.h"
#include "store/metadata.h"

namespace strata {

// nullopt: the run left no such record. Errors of RunRequestRecord::Decode.
absl::StatusOr<std::optional<RunRequestRecord>> ReadRunRequest(Metadata& metadata, std::string_view job, int64_t run);

}  // namespace strata
