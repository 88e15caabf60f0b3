// The dictionaries of one column in several batches and segments, put together: words ascend by bytes, so the code of a
// word says how it compares. Views; plain values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/rows/row_spans.h"

namespace strata {

struct MergedWords {
  std::vector<std::string_view> words;      // ascending, distinct
  std::vector<std::vector<int32_t>> codes;  // by source, by its own code; -1: left out

  int32_t Code(uint32_t source, int32_t code) const { return code < 0 ? -1 : codes[source][static_cast<size_t>(code)]; }
};

// All words of the sources.
MergedWords MergeWords(std::span<const RowSpans> sources, size_t column);
// Only those that are `used`, by source and code.
MergedWords MergeWords(std::span<const RowSpans> sources, size_t column, const std::vector<std::vector<bool>>& used);

}  // namespace strata
