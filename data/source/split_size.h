// How large a split is before it is read.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "data/source/ingest.h"

namespace strata {

struct SplitSize {
  int64_t rows = 0;    // CSV: line ends, so at least as many as records
  uint64_t bytes = 0;  // of the file that belong to it; CSV: read for this
};

// Of `file_bytes`, the whole file. Errors are those of MapSplit.
absl::StatusOr<SplitSize> SizeOfSplit(std::string_view file_bytes, std::string_view path, const Split& split);

}  // namespace strata
