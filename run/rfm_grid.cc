#include "run/rfm_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace strata {
namespace {

constexpr const char* kAxisNames[] = {"recency", "frequency", "monetary"};

struct ScoreRange {
  int low = 0;
  int high = 0;
};

absl::Status GridInvalid(const std::string& message) {
  return MakeError(absl::StatusCode::kInvalidArgument, "GRID_INVALID", message);
}

std::string Allowed(const GridSettings& grid, const std::array<int, 3>& scores) {
  std::string parts;
  for (const int axis : grid.axes) {
    const auto at = static_cast<size_t>(axis);
    parts += fmt::format("{}{} 1 to {}", parts.empty() ? "" : ", then ", kAxisNames[at], scores[at]);
  }
  return fmt::format("a score, [score] or [low-high] for each axis: {}", parts);
}

bool TakeNumber(std::string_view* text, int* number) {
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *number);
  if (error != std::errc()) return false;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return true;
}

bool TakeCharacter(std::string_view* text, char wanted) {
  if (text->empty() || text->front() != wanted) return false;
  text->remove_prefix(1);
  return true;
}

// Takes the first part of a pattern.
std::optional<ScoreRange> TakeRange(std::string_view* pattern, int scores) {
  ScoreRange range;
  if (TakeCharacter(pattern, '[')) {
    if (!TakeNumber(pattern, &range.low)) return std::nullopt;
    range.high = range.low;
    if (TakeCharacter(pattern, '-') && !TakeNumber(pattern, &range.high)) return std::nullopt;
    if (!TakeCharacter(pattern, ']')) return std::nullopt;
  } else {
    if (pattern->empty() || pattern->front() < '0' || pattern->front() > '9') return std::nullopt;
    range.low = range.high = pattern->front() - '0';
    pattern->remove_prefix(1);
  }
  if (range.low < 1 || range.low > range.high || range.high > scores) return std::nullopt;
  return range;
}

std::optional<std::vector<ScoreRange>> ParsePattern(std::string_view pattern, const GridSettings& grid,
                                                    const std::array<int, 3>& scores) {
  std::vector<ScoreRange> ranges;
  for (const int axis : grid.axes) {
    const std::optional<ScoreRange> range = TakeRange(&pattern, scores[static_cast<size_t>(axis)]);
    if (!range.has_value()) return std::nullopt;
    ranges.push_back(*range);
  }
  if (!pattern.empty()) return std::nullopt;
  return ranges;
}

// The scores of a cell, along the axes.
std::vector<int> ScoresOf(size_t cell, const GridSettings& grid, const std::array<int, 3>& scores) {
  std::vector<int> result(grid.axes.size());
  for (size_t i = grid.axes.size(); i-- > 0;) {
    const auto count = static_cast<size_t>(scores[static_cast<size_t>(grid.axes[i])]);
    result[i] = static_cast<int>(cell % count) + 1;
    cell /= count;
  }
  return result;
}

std::string Describe(const std::vector<int>& cell, const GridSettings& grid) {
  std::string text;
  for (size_t i = 0; i < cell.size(); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", kAxisNames[static_cast<size_t>(grid.axes[i])], cell[i]);
  }
  return text;
}

bool Covers(const std::vector<ScoreRange>& ranges, const std::vector<int>& cell) {
  for (size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] < ranges[i].low || cell[i] > ranges[i].high) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<CompiledGrid> CompileGrid(const GridSettings& grid, const std::array<int, 3>& scores) {
  CompiledGrid compiled;
  compiled.axes = grid.axes;
  std::set<std::string> names;
  std::vector<std::vector<ScoreRange>> patterns;
  for (const auto& [pattern, name] : grid.cells) {
    auto ranges = ParsePattern(pattern, grid, scores);
    if (!ranges.has_value()) {
      return GridInvalid(fmt::format("found the cells '{}'; allowed: {}", pattern, Allowed(grid, scores)));
    }
    patterns.push_back(*std::move(ranges));
    names.insert(name);
  }
  if (names.size() > kMaxGridClasses) {
    return GridInvalid(fmt::format("found {} classes; allowed: at most {}", names.size(), kMaxGridClasses));
  }
  compiled.classes.assign(names.begin(), names.end());
  size_t count = 1;
  for (const int axis : grid.axes) count *= static_cast<size_t>(scores[static_cast<size_t>(axis)]);
  for (size_t cell = 0; cell < count; ++cell) {
    const std::vector<int> of_cell = ScoresOf(cell, grid, scores);
    std::optional<size_t> match;
    for (size_t i = 0; i < patterns.size(); ++i) {
      if (!Covers(patterns[i], of_cell)) continue;
      if (match.has_value()) {
        return GridInvalid(fmt::format("the cell {} has two classes: '{}' by '{}' and '{}' by '{}'; allowed: one",
                                       Describe(of_cell, grid), grid.cells[*match].second, grid.cells[*match].first,
                                       grid.cells[i].second, grid.cells[i].first));
      }
      match = i;
    }
    if (!match.has_value()) {
      return GridInvalid(fmt::format("the cell {} has no class; allowed: one", Describe(of_cell, grid)));
    }
    const auto at = std::lower_bound(compiled.classes.begin(), compiled.classes.end(), grid.cells[*match].second);
    compiled.cells.push_back(static_cast<uint8_t>(at - compiled.classes.begin() + 1));
  }
  return compiled;
}

}  // namespace strata
