// Reads one condition into a tree of checked nodes. The grammar stands in docs/segments.md. Pure; thread-safe.
#pragma once

#include <string_view>

#include "base/status.h"
#include "run/segments/catalogue.h"
#include "run/segments/node.h"

namespace strata {

// The condition as a flag. Names of segments are not looked up: whoever knows them does (run/segments/condition.h).
// SEGMENT_INVALID at the position of what is wrong (ConditionError): a token that cannot stand where it is, a name that
// the catalogue lacks, types that do not fit, too deep nesting.
absl::StatusOr<NodePtr> ParseCondition(std::string_view condition, const ColumnCatalogue& catalogue);

}  // namespace strata
