// Customer ids from a file, one a line.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "base/status.h"

namespace strata {

inline constexpr size_t kMaxIdsInFile = 10'000'000;  // a lookup holds them all; whoever wants more exports

// Ids in the order of their lines; a line ends in LF or CRLF, an empty line is no id, blanks belong to the id.
// `empty_lines` counts the empty ones. INVALID_ARGUMENT (IDS_INVALID) for more than kMaxIdsInFile ids or none, naming
// `name`.
absl::StatusOr<std::vector<std::string>> ReadIds(std::istream& in, const std::string& name, int64_t* empty_lines);

// From a file, or from `standard_input` where `path` is "-". NOT_FOUND (IDS_MISSING) when it cannot be opened.
absl::StatusOr<std::vector<std::string>> ReadIdFile(const std::string& path, std::istream& standard_input,
                                                    int64_t* empty_lines);

}  // namespace strata
