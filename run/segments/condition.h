// Conditions of segments: parsed and type-checked SQL search conditions. Errors carry file, segment and position.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/column_type.h"
#include "base/status.h"
#include "run/job.h"
#include "run/segments/segment_definition.h"

namespace strata {

struct SourcePosition { int line = 1, column = 1; };
struct NameInfo { ColumnType type; std::vector<std::string> words; };  // words of a choice; empty: any text
struct ColumnCatalogue { std::map<std::string, NameInfo, std::less<>> columns; std::map<std::string, std::map<std::string, NameInfo, std::less<>>, std::less<>> events; };
ColumnCatalogue CatalogueOf(const Job& job);  // a test compares it with the ColumnSet that the report task makes for the same job
struct Node;  // typed AST: kind, type, position, literal (text | micros | double), children, table, aggregate
struct Condition { std::string name; std::shared_ptr<const Node> root; std::vector<std::string> uses; };
absl::StatusOr<std::vector<Condition>> ParseSegments(const std::vector<SegmentDefinition>& segments, const ColumnCatalogue& catalogue,
                                                     std::string_view file_name);  // in topological order; SEGMENT_INVALID
using PercentileTarget = std::pair<std::string, int64_t>;  // column, millionths; model/fit/column_quantiles.h takes the same pairs
std::vector<PercentileTarget> PercentilesOf(const std::vector<Condition>& conditions);

}  // namespace strata
