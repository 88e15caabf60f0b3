#include "data/source/split_size.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/source/parquet_source.h"

namespace strata {

absl::StatusOr<SplitSize> SizeOfSplit(std::string_view file_bytes, std::string_view path, const Split& split) {
  if (FormatOf(path) == FileFormat::kParquet) return SizeOfRowGroups(file_bytes, path, split);
  if (split.end < split.begin || split.end > file_bytes.size()) {
    return MakeError(absl::StatusCode::kInternal, "SPLIT_INVALID",
                     fmt::format("{}: found a split of bytes {} to {}; allowed: within {}", path, split.begin,
                                 split.end, file_bytes.size()));
  }
  const std::string_view text = file_bytes.substr(split.begin, split.end - split.begin);
  return SplitSize{.rows = 1 + std::count(text.begin(), text.end(), '\n'), .bytes = text.size()};
}

}  // namespace strata
