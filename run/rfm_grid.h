// A job's own grid of RFM scores, compiled and checked: every cell must have exactly one class. Pure functions;
// thread-safe.
//
// A pattern has one part for each axis, in the order recency, frequency, monetary: a range of scores [low-high], one
// score [score], or a single digit. "[4-5]1" is the cells (4, 1) and (5, 1).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "run/scheme_settings.h"

namespace strata {

inline constexpr size_t kMaxGridClasses = 64;  // more than people can tell apart; a code fits a byte

struct CompiledGrid {
  std::vector<std::string> classes;  // by code - 1, ascending
  std::vector<int> axes;             // as in the settings
  std::vector<uint8_t> cells;        // codes; the last axis runs fastest, each from score 1 up
};

// INVALID_ARGUMENT (GRID_INVALID) names the pattern that cannot be read or the first cell, in the order of the scores,
// that has no class or two. `scores` are the counts of recency, frequency, monetary.
absl::StatusOr<CompiledGrid> CompileGrid(const GridSettings& grid, const std::array<int, 3>& scores);

}  // namespace strata
