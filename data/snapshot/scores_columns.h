// Names and types of the columns of parts/<shard>.parquet. Pure; thread-safe.
#pragma once

#include <string>

namespace strata {

// One line per column: "net: decimal128(38, 6)".
std::string DescribeScoresColumns();

}  // namespace strata
