// Conditions of segments: parsed and type-checked SQL search conditions (the language: docs/segments.md). Errors are
// INVALID_ARGUMENT (SEGMENT_INVALID) and name file, line, segment and the place in its condition:
// "job.yaml:31: segments.vip:1:14: …", with metadata `file`, `segment`, `line` and `column` (of the condition). Pure;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "run/segments/catalogue.h"
#include "run/segments/node.h"
#include "run/segments/segment_definition.h"

namespace strata {

inline constexpr size_t kMaxSegments = 1000;        // a bit of every customer each
inline constexpr size_t kMaxConditionBytes = 4096;  // what a person can read

struct Condition {
  std::string name;
  NodePtr root;                   // a flag; never null
  std::vector<std::string> uses;  // names of segments that it asks for, ascending, each once
  std::string definition;         // 32 hexadecimal digits of its text and of the definitions of those that it uses
};

// All segments of a job, every one after those that it uses, else by name. A cycle, an unknown segment, a name that is
// no resource name or is there twice, and every fault of a condition are errors; of several the first by name.
absl::StatusOr<std::vector<Condition>> ParseSegments(const std::vector<SegmentDefinition>& segments,
                                                     const ColumnCatalogue& catalogue, std::string_view file_name);

// A column of a customer and a share in millionths. model/fit/column_quantiles.h takes the same pairs.
using PercentileTarget = std::pair<std::string, int64_t>;

// All that the conditions name, ascending, each once.
std::vector<PercentileTarget> PercentilesOf(const std::vector<Condition>& conditions);

}  // namespace strata
