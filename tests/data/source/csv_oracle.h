// A slow, obvious CSV reader, for tests: one character at a time, whole text in memory, no splits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

// "line:blank", "line:REASON" or "line:row:field|field|…", one per record after the header.
std::vector<std::string> OracleRecords(std::string_view text, char delimiter, size_t max_record_bytes);

}  // namespace strata
