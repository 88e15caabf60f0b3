// Words of two dictionaries as one, so that codes of either can be compared. Plain values; not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/rows/table_shard.h"

namespace strata {

// Those of a column of words, which ascend by bytes; none where there is no such table (null) or column (-1).
std::vector<std::string_view> WordsOf(const TableShard* table, int column);

struct WordUnion {
  // Both ascend by bytes, each word once.
  WordUnion(const std::vector<std::string_view>& first, const std::vector<std::string_view>& second);

  std::vector<std::string_view> words;                 // ascending by bytes, each once
  std::vector<int32_t> code_of_first, code_of_second;  // place in `words` by place in either
};

}  // namespace strata
